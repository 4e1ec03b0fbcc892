"""English given names that name nothing else in a workshop; a vocabulary learnt from text never takes them in.

Left out on purpose: names that are words of the trade (Jack, Rod, Mark, Chuck, Bill, Grant, Pat, Art, Will, Rob, Miles,
Sandy, Cliff, Dale, Glen, Heath, Rusty, Ray, Gene, Max, Guy, Nick).
"""

_NAMES = frozenset(
    """
    aaron abby abdul abigail adam adrian ahmed aidan aisha alan albert alberto alex alexander alexandra alfred ali
    alice alicia alison allan amanda amber amelia amir amit amy ana andre andrea andreas andrew andy angela anita
    anna anne annie anthony antonio arnold arthur ashley barbara barry becky ben benjamin bernard beth betty
    beverly bob bobby bradley brandon brenda brendan brett brian bridget bruce bryan caitlin callum cameron carl
    carla carlos carmen carol caroline catherine cathy charles charlie charlotte cheryl chloe chris christian
    christina christine christopher claire clare claudia colin connor craig cynthia damian daniel danny darren
    dave david dawn dean deborah debbie dennis derek diana diane diego dmitri dominic don donald donna doris
    dorothy doug douglas duncan dylan eddie edgar edith edward edwin eileen elaine eleanor elena elizabeth ellen
    emily emma enrique eric erica erik ernest esther ethan eugene eva evelyn fatima felix fernando fiona frances
    francesca francisco frank fred freddie frederick gareth garry gary gavin geoff geoffrey george gerald
    geraldine gerard giovanni gloria gordon graham greg gregory hamish hannah hans harold harriet harry harvey
    hassan heather hector helen henry herbert hiroshi howard hugh ian ibrahim igor imran irene isaac isabel ivan
    jacob jacqueline jake james jamie jane janet janice jason javier jean jeff jeffrey jennifer jenny jeremy
    jerome jerry jesse jessica jessie jill jim jimmy joan joanna joanne joe joel johan john johnny jon jonathan
    jordan jorge jose joseph josh joshua juan judith judy julia julian julie justin karen karl kate katherine
    kathleen kathy katie keith kelly ken kenji kenneth kenny kerry kevin kieran kim kimberly kirsty kristen kyle
    lachlan lance larry laura lauren laurence lawrence leah lee len leo leon leonard leslie lewis liam linda
    lindsay lisa liz logan lorraine louis louise lucas lucy luis luke lynn malcolm manuel marcus margaret maria
    marie marilyn mario marjorie martha martin marvin mary mathew matt matthew maureen maurice megan melanie
    melissa michael michelle miguel mike mikhail mohamed mohammed molly monica morgan muhammad murray nancy naomi
    natalie natasha nathan neil nelson nicholas nicola nicole nigel noel nora norman oleg olga oliver olivia omar
    oscar owen pablo pamela patricia patrick paul paula pauline pedro peggy penny peter petra phil philip phillip
    phyllis pierre priya rachel rafael rajesh ralph ramon randy raymond rebecca reginald ricardo richard ricky
    rita robert roberto rodney roger roland ron ronald ronnie rosemary ross roy ruben russell ruth ryan sally sam
    samantha samuel sandra sanjay sarah scott sean sebastian sergei sharon shaun shane shawn sheila shirley simon
    sofia sophie stacey stanley stefan stella stephanie stephen steve steven stewart stuart sunil susan suzanne
    sven sylvia tamara tanya tara ted teresa terence terry theodore theresa thomas tim timothy tina todd tom tommy
    toni tony tracey tracy travis trevor tyler valerie vanessa vera vernon veronica vicki victor victoria vijay
    vincent virginia vladimir wade walter warren wayne wendy wilfred william willie xavier yvonne zachary zoe
    """.split()  # noqa: SIM905 - one word a line would fill many screens
)


def is_given_name(word: str) -> bool:
    """Say whether a word, in any case, is such a name."""
    return word.casefold().rstrip(".") in _NAMES
