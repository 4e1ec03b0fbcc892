"""Words that the rules for English text go by: streets, nations, trades, and what is neither a name nor a secret.

The lists were written for this library; they hold general words, no names of people.
"""

# of a dozen European languages
STREET_WORDS = frozenset(
    """
    allee allée av ave avenida avenue blvd boulevard calle carrera chemin corso crescent embankment esplanade
    gade gardens gasse gata gatan gracht grove highway hwy impasse katu kuja köz laan lane leoforos ln mews odos
    parade paseo piazza place platz plaza plein quai rd road rua rue sq square st str straat strada straße
    street terrace tie travessa tér u ul ulica ulice utca vegen veien vej via viale vicolo vägen weg út útja
    """.split()  # noqa: SIM905 - one word a line would fill screens
)

# words of machines and of plants too (tail drive, close valve): they count with a comma or a line break after them
WEAK_STREET_WORDS = frozenset(
    """
    c circle close court ct dr drive hill park r rise row walk way
    """.split()  # noqa: SIM905 - one word a line would fill screens
)

UNIT_WORDS = frozenset(
    """
    apartment apt flat ste suite
    """.split()  # noqa: SIM905 - one word a line would fill screens
)

# small words inside of an address or a name
PARTICLES = frozenset(
    """
    aan al am an and bij da das de dei del della delle den der des di do dos du e el en het i im in la las le
    les los na nad of op pod sous sur ten ter the und van von y zu zum zur
    """.split()  # noqa: SIM905 - one word a line would fill screens
)

# what ends an address though it has a capital
NO_ADDRESS = frozenset(
    """
    are can could date dear email fax he hello hi how i i'll i'm is it's its mobile my name phone please she tel
    thanks that they this we what when where who
    """.split()  # noqa: SIM905 - one word a line would fill screens
)

NATIONS = frozenset(
    """
    Afghan Albanian Algerian American Argentine Argentinian Armenian Australian Austrian Azerbaijani Bangladeshi
    Basque Belarusian Belgian Bolivian Bosnian Brazilian British Buddhist Bulgarian Cambodian Cameroonian
    Canadian Catalan Catholic Chechen Chilean Chinese Christian Colombian Croatian Cuban Cypriot Czech Danish
    Dutch Ecuadorian Egyptian English Estonian Ethiopian Filipino Finnish Flemish French Georgian German
    Ghanaian Greek Guatemalan Hindu Hungarian Icelandic Indian Indonesian Iranian Iraqi Irish Israeli Italian
    Jamaican Japanese Jewish Jordanian Kazakh Kenyan Korean Kurdish Kuwaiti Latvian Lebanese Libyan Lithuanian
    Macedonian Malaysian Maltese Mexican Moldovan Mongolian Moroccan Muslim Nepalese Nigerian Norwegian Orthodox
    Pakistani Palestinian Peruvian Polish Portuguese Protestant Romanian Russian Saudi Scottish Senegalese
    Serbian Sikh Singaporean Slovak Slovenian Somali Spanish Sudanese Swedish Swiss Syrian Taiwanese Tamil Thai
    Tunisian Turkish Ukrainian Uruguayan Uzbek Venezuelan Vietnamese Welsh Yemeni
    """.split()  # noqa: SIM905 - one word a line would fill screens
)

# last words of trades; parts that people play in a report (judge, lawyer, applicant) say nothing about one person
TRADES = frozenset(
    """
    accountant actor actress administrator adviser anaesthesiologist analyst architect artist assistant auditor
    baker barber bricklayer builder butcher buyer carpenter cashier caterer chauffeur chef chemist cleaner clerk
    consultant coordinator counsellor counselor curator dancer dentist designer developer drafter driver
    economist editor electrician engineer estimator farmer firefighter fisherman fitter foreman gardener
    geologist grinder hairdresser handyman housewife illustrator installer instructor interpreter inventor
    janitor joiner journalist laborer labourer lecturer librarian lineman locksmith machinist manager mason
    mechanic merchant midwife miner model musician notary nurse nutritionist operator optician painter paramedic
    pharmacist photographer physician physicist physiotherapist pilot planner platemaker plumber postman
    practitioner principal producer professor programmer psychiatrist psychologist publicist receptionist
    repairer reporter representative researcher sailor salesman salesperson saleswoman scientist secretary
    shepherd singer smith soldier specialist student superintendent supervisor surgeon surveyor tailor teacher
    technician technologist tender therapist tradesman trainer translator tutor typist veterinarian waiter
    waitress welder writer conscript craftsman governor pensioner policeman prisoner
    serviceman veteran watchman widow widower
    """.split()  # noqa: SIM905 - one word a line would fill screens
)

# "password: expired", "token = null"
NO_SECRETS = frozenset(
    """
    accepted blank changed default denied empty error expired failed failure false forgotten hidden incorrect
    invalid locked missing needed none null protected redacted rejected required reset same true unknown updated
    valid wrong なし 不明 再設定 初期化 変更 忘れ 期限切れ 未設定 無し 確認中 要確認
    """.split()  # noqa: SIM905 - one word a line would fill screens
)

NO_USERS = frozenset(
    """
    admin administrator all default defaultuser guest public root shared system user users
    """.split()  # noqa: SIM905 - one word a line would fill screens
)

# one word that any institution answers to says nothing about whom it is about
ANY_INSTITUTION = frozenset(
    """
    act agency article authority board bureau chamber code commission committee company convention council court
    department division facts government law ministry office parliament party police procedure protocol registry
    republic section state treaty tribunal union university
    """.split()  # noqa: SIM905 - one word a line would fill screens
)
