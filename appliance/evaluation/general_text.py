"""A short general text, English and Japanese: what a model could say before it was adapted, it must still find likely.

Written for this project and free of any company's words. It holds about 2,000 tokens for a small English tokenizer: a
change of a few hundredths shows, a comparison of two base models does not. `verify.general_text` names another file.
"""

from collections.abc import Callable, Sequence

ENGLISH = """\
The river rises in the hills above the old mill town and runs for about forty miles before it reaches the sea. In
spring, when the snow melts, the water is brown and fast, and the lower meadows are often flooded for a week or more.
The people who live there have built their houses on the higher ground, and each family keeps a small boat behind the
barn. In summer the same river is so shallow that children can walk across it on the stones.

To make a simple soup, cut two onions and three carrots into small pieces and cook them slowly in a little butter until
they are soft. Add a litre of water, a bay leaf and some salt, and let everything simmer for half an hour. Taste it
before you serve it. If the soup is too thin, leave the lid off and cook it for another ten minutes; if it is too thick,
add some water. It is even better on the second day, with a slice of bread and a piece of cheese.

"Did you lock the door?" she asked. He stopped at the foot of the stairs and thought about it. "I believe so," he said,
"but I will go back and check." The street was empty except for a cat that sat under the lamp. When he came back he was
out of breath. "It was open," he admitted. "I must have been thinking of something else." She laughed and gave him the
keys. "Next time we will check it together," she said, and they walked on towards the station.

A public library is more than a room full of books. It is one of the few places in a city where a person may sit for a
whole day without having to buy anything. Students come for the quiet, older people for the newspapers, and parents
because there is a story for small children every Saturday morning. The first libraries that were open to everybody
were paid for by rich men in the nineteenth century; today most of them are paid for by taxes, and every few years
somebody asks whether they are still needed.

Water boils at one hundred degrees at sea level, but on a high mountain it boils at a lower temperature, because the air
presses on it less. This is why an egg takes longer to cook there. The same effect can be turned around: in a closed
pot the pressure rises, the water boils at a higher temperature, and the meal is ready sooner. A safety valve lets the
steam escape before the pot can burst. Engineers used the same idea in the first steam engines, which pumped water out
of mines long before they pulled a train.

The meeting began at nine and was expected to last an hour. There were three questions to be answered: where the new
bridge should stand, who should pay for it, and what was to be done with the old one. The engineer showed two drawings
and explained that the cheaper design would have to be painted every five years. After a long discussion the members
voted for the other one. The old bridge, they agreed, should be kept for people on foot and on bicycles.

Bees find their way home by the position of the sun. Even when it is hidden behind clouds they can see a pattern in the
light of the blue sky that tells them where it stands. A bee that has found a good field of flowers returns to the hive
and dances in the dark on the comb: the direction of the dance shows the others which way to fly, and its length shows
them how far.
"""

JAPANESE = """\
この町は山と海のあいだにある小さな港町で、朝になると魚を積んだ船が次々に帰ってくる。市場では威勢のよい声が響き、近所の人たち
がその日の夕飯のための魚を選んでいる。冬は風が強く、屋根に積もった雪が夜のうちに凍ることもあるが、春が来ると丘の上の桜がいっ
せいに咲き、遠くの町からも見物の客がやって来る。

ご飯をおいしく炊くには、まず米を手早く洗い、水を三回ほど替えます。そのあと三十分ほど水につけておくと、芯までやわらかくなりま
す。火にかけたら、沸騰するまでは強火、そのあとは弱火で十二分ほど炊き、火を止めてから十分間蒸らします。ふたを開けるのは最後ま
で我慢してください。

「傘を持って行った方がいいよ」と母が言った。空は晴れていたので、私は持たずに家を出た。ところが駅に着くころには黒い雲が広がり、
電車を降りると雨が降り出していた。近くの店で雨宿りをしていると、店の主人が古い傘を貸してくれた。「返すのはいつでもいいです
よ」と主人は笑った。

図書館は、本を借りるだけの場所ではない。静かに勉強したい学生、新聞を読みに来るお年寄り、子どもに絵本を読んで聞かせる親など、
さまざまな人が集まる。お金を払わずに一日中すわっていられる場所は、町の中にそれほど多くない。だからこそ、多くの人が図書館を
大切に思っているのである。

水は海の高さでは百度で沸騰するが、高い山の上ではもっと低い温度で沸騰する。空気の圧力が小さいからである。反対に、ふたを閉めた
鍋の中では圧力が上がり、水は百度より高い温度になる。そのため料理が早くできあがる。圧力が高くなりすぎないように、鍋には蒸気を
逃がす弁がついている。
"""


def _unwrapped(text: str, glue: str) -> str:
    return "\n\n".join(glue.join(paragraph.split("\n")) for paragraph in text.strip().split("\n\n"))


TEXTS = (_unwrapped(ENGLISH, " "), _unwrapped(JAPANESE, ""))  # a line ends inside of a Japanese word
WINDOW = 256  # tokens that are read in one go
MOST_TOKENS = 8192  # of a longer text the beginning is taken: ten seconds a variant on one core


def windows(texts: Sequence[str], tokenize: Callable[[str], Sequence[int]]) -> list[list[int]]:
    """Return the tokens of the texts in pieces of `WINDOW`, at most `MOST_TOKENS`; a piece of one token is left out."""
    found: list[list[int]] = []
    for text in texts:
        ids = list(tokenize(text))
        found.extend(ids[start : start + WINDOW] for start in range(0, len(ids), WINDOW))
    return [piece for piece in found[: MOST_TOKENS // WINDOW] if len(piece) > 1]
