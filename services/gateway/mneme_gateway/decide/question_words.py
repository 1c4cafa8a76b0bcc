"""Words that tell a time, and words that ask for one, in the languages that are written with spaces most."""

from __future__ import annotations

MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january januar janvier enero gennaio janeiro januari",
            "february februar février fevrier febrero febbraio fevereiro februari",
            "march märz mars marzo março maart",
            "april avril abril aprile",
            "may mai mayo maggio maio mei",
            "june juni juin junio giugno junho",
            "july juli juillet julio luglio julho",
            "august août aout agosto augustus",
            "september septembre septiembre settembre setembro",
            "october oktober octobre octubre ottobre outubro",
            "november novembre noviembre novembro",
            "december dezember décembre decembre diciembre dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}

SEASONS: dict[str, int] = {
    **dict.fromkeys(["spring", "frühling", "frühjahr", "printemps", "primavera"], 3),
    **dict.fromkeys(["summer", "sommer", "été", "verano", "estate", "verão", "zomer"], 6),
    **dict.fromkeys(["autumn", "fall", "herbst", "automne", "otoño", "autunno", "outono", "herfst"], 9),
    **dict.fromkeys(["winter", "hiver", "invierno", "inverno"], 12),
}
"""The first month of each season, north of the equator."""

WEEKDAYS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "monday montag lundi lunes lunedì segunda-feira maandag",
            "tuesday dienstag mardi martes martedì terça-feira dinsdag",
            "wednesday mittwoch mercredi miércoles mercoledì quarta-feira woensdag",
            "thursday donnerstag jeudi jueves giovedì quinta-feira donderdag",
            "friday freitag vendredi viernes venerdì sexta-feira vrijdag",
            "saturday samstag samedi sábado sabato zaterdag",
            "sunday sonntag dimanche domingo domenica zondag",
        )
    )
    for name in names.split()
}

_RELATIVE = """
yesterday today tonight tomorrow last next ago week weeks weekend weekends month months year years day days
morning evening night recently soon since
gestern heute morgen letzte letzten letztes nächste nächsten woche wochen wochenende monat monate jahr jahre tag tage
hier aujourd'hui demain dernier dernière prochain prochaine semaine semaines mois an ans année années jour jours
ayer hoy mañana pasado pasada próximo próxima semana semanas mes meses año años día días
ieri oggi domani scorso scorsa prossimo prossima settimana settimane mese mesi anno anni giorno giorni
ontem hoje amanhã mês ano anos dia dias
gisteren vandaag vorige volgende weken maand maanden jaar dag dagen
"""

TIME_WORDS = frozenset(_RELATIVE.split()) | MONTHS.keys() | SEASONS.keys() | WEEKDAYS.keys()
"""A text with one of these may say when something was."""

_WHEN = "when wann quand cuándo cuando quando wanneer"
WHEN_WORDS = frozenset(_WHEN.split())
"""A question with one of these asks for a time."""

_WHAT = "what which welchen welchem welches quel quelle qué que quale welk welke"
WHAT_WORDS = frozenset(_WHAT.split())
_UNITS = """
date day month year time days weeks months years long datum tag monat jahr jour mois année fecha día mes año
data giorno mese anno dia mês ano dag maand jaar
"""
TIME_UNITS = frozenset(_UNITS.split())
"""After a word that asks what, which or how, these ask for a time."""
_HOW = "how wie combien cuánto cuántos quanto quanti hoe"
HOW_WORDS = frozenset(_HOW.split())
