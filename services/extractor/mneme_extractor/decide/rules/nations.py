"""Countries, the people from them, and languages: the words that tell a place or a people from any other word."""

from __future__ import annotations

from mneme_extractor.decide.vocabulary import vocabulary

PLACES = vocabulary(
    """
    afghanistan albania algeria argentina armenia australia austria azerbaijan bangladesh belarus belgium
    bolivia bosnia brazil bulgaria cambodia cameroon canada chile china colombia croatia cuba cyprus
    czechia denmark ecuador egypt england estonia ethiopia finland france georgia germany ghana greece
    guatemala hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jordan
    kazakhstan kenya korea kosovo latvia lebanon lithuania luxembourg malaysia malta mexico moldova
    mongolia montenegro morocco nepal netherlands nigeria norway pakistan palestine panama paraguay peru
    philippines poland portugal qatar romania russia rwanda scotland senegal serbia singapore slovakia
    slovenia somalia spain sudan sweden switzerland syria taiwan tanzania thailand tunisia turkey uganda
    ukraine uruguay usa us uk u.s. u.k. venezuela vietnam wales yemen zambia zimbabwe alabama alaska
    arizona arkansas california colorado connecticut delaware florida hawaii idaho illinois indiana iowa
    kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana
    nebraska nevada ohio oklahoma ontario oregon pennsylvania quebec tennessee texas utah vermont virginia
    washington wisconsin wyoming bavaria catalonia
    """
)
PEOPLES = vocabulary(
    """
    american argentinian armenian australian austrian bangladeshi belgian bolivian brazilian british
    bulgarian cambodian canadian chilean chinese colombian croatian cuban czech danish dutch ecuadorian
    egyptian english estonian ethiopian filipino finnish french georgian german ghanaian greek hungarian
    icelandic indian indonesian iranian iraqi irish israeli italian jamaican japanese jordanian kenyan
    korean latvian lebanese lithuanian malaysian mexican moroccan nepali nigerian norwegian pakistani
    palestinian persian peruvian polish portuguese romanian russian scottish senegalese serbian
    singaporean slovak slovenian somali spanish swedish swiss syrian taiwanese thai tunisian turkish
    ukrainian venezuelan vietnamese welsh
    """
)
LANGUAGES = vocabulary(
    """
    arabic armenian bengali bulgarian cantonese catalan chinese croatian czech danish dutch english
    esperanto estonian farsi finnish french gaelic german greek gujarati hebrew hindi hungarian icelandic
    indonesian irish italian japanese kannada korean latin latvian lithuanian malay mandarin marathi
    nepali norwegian persian polish portuguese punjabi romanian russian serbian sign slovak slovenian
    somali spanish swahili swedish tagalog tamil telugu thai turkish ukrainian urdu vietnamese welsh
    yoruba zulu
    """
)
