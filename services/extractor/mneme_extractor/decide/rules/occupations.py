"""Nouns that name an occupation: what tells "I'm a nurse" from "I'm a morning person"."""

from __future__ import annotations

from mneme_extractor.decide.vocabulary import vocabulary

OCCUPATIONS = vocabulary(
    """
    academic accountant actor actress actuary administrator advisor agent analyst anesthesiologist
    animator anthropologist apprentice archaeologist architect archivist artist assistant astronaut
    astronomer astrophysicist athlete attorney auditor author baker banker barber barista bartender
    biologist blacksmith blogger bookkeeper bookseller botanist broker builder butcher buyer cardiologist
    caregiver caretaker carpenter cartographer cashier chaplain chauffeur chef chemist chiropractor
    cleaner clerk coach coder columnist comedian composer concierge conductor consultant contractor
    coordinator copywriter counselor counsellor courier curator dancer dentist dermatologist designer
    detective developer dietician dietitian director diver docent doctor draftsman dressmaker driver
    ecologist economist editor electrician engineer entrepreneur epidemiologist executive farmer filmmaker
    firefighter fisherman florist freelancer gardener geneticist geographer geologist geophysicist
    goldsmith grocer guard guide gynecologist hairdresser handyman headmaster historian homemaker
    housekeeper housewife hygienist illustrator immunologist influencer inspector instructor intern
    interpreter investor janitor jeweller jeweler journalist judge lawyer lecturer librarian lifeguard
    linguist locksmith machinist magician magistrate manager marketer mason masseuse mathematician
    mechanic mediator merchant meteorologist microbiologist midwife miner minister model musician nanny
    neurologist neuroscientist neurosurgeon notary novelist nurse nutritionist officer oncologist operator
    ophthalmologist optician optometrist orthodontist painter paralegal paramedic pastor pathologist
    pediatrician paediatrician pharmacist pharmacologist philosopher photographer physician physicist
    physiotherapist pianist pilot plumber podcaster poet policeman policewoman politician postdoc postman
    potter priest principal producer professor programmer psychiatrist psychologist psychotherapist
    publisher radiologist ranger realtor receptionist recruiter rector reporter researcher resident
    retiree roofer sailor salesman salesperson saleswoman scholar scientist screenwriter sculptor
    seamstress secretary senator shoemaker singer sociologist soldier sommelier specialist statistician
    steward stewardess stockbroker stonemason streamer student superintendent supervisor surgeon surveyor
    tailor teacher technician technologist tester therapist trader trainer translator tutor undergraduate
    undertaker urbanist urologist veterinarian vet videographer violinist virologist waiter waitress
    warden watchmaker weaver welder writer zoologist ceo cto cfo coo vp founder co-founder cofounder
    """
)
NOT_A_TITLE = vocabulary(
    """
    good great big bad terrible horrible awful huge real amazing decent better best natural nice poor
    aspiring wannabe former ex future would-be failed lousy mediocre slow fast careful visual quick
    lifelong true people born self-taught
    """
)
"""Words that turn "I'm a … cook" into an opinion, a wish or a memory."""
