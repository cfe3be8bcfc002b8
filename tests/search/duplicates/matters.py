"""Inquiries by what they are about: those of one line belong together, the rest do not."""

SAME_MATTER = (
    (
        "先月買った三徳包丁の刃が、かぼちゃを切ったときに欠けた。保証の対象になるか知りたい。",
        "かぼちゃを切ったら三徳包丁の刃が欠けてしまった件。保証の対象かどうか確認したい。",
        "三徳包丁、かぼちゃで刃欠け。保証対象になるかとのこと。",
    ),
    (
        "爪切りのばねが外れた。購入から三か月で、修理か交換をしてほしい。",
        "購入して三か月の爪切り、ばねが外れて使えない。修理または交換を希望。",
        "爪切りのバネが外れた件、交換希望。購入三か月。",
    ),
    (
        "キッチンばさみを食洗機で洗ったら持ち手が変色した。食洗機対応と書いてあった。",
        "食洗機対応のキッチンばさみなのに、持ち手が変色したとのお申し出。",
    ),
    (
        "通販で注文したフライパンが二つ届いた。一つは注文していないので返品したい。",
        "フライパンを通販で一つ注文したのに二つ届いた。余分の返品方法を知りたい。",
    ),
    (
        "カミソリの替刃の在庫があるか、近くの店舗で買えるか知りたい。型番はKX-200。",
        "型番KX-200のカミソリ、替刃の在庫と買える店舗を教えてほしい。",
    ),
    (
        "メルマガの配信を停止してほしい。先週も電話したが、まだ届いている。",
        "メルマガの配信停止を先週電話で頼んだのに、まだ届く。停止してほしい。",
    ),
    (
        "The razor arrived without its blade, and the parcel was damaged in transport.",
        "Razor delivered without blade, parcel damaged. Customer asks for a replacement blade.",
    ),
    (
        "Der Nagelknipser schneidet nicht mehr sauber, die Feder ist gebrochen.",
        "Nagelknipser: Feder gebrochen, schneidet nicht sauber.",
    ),
)

OTHERS = (
    "三徳包丁の研ぎ方を知りたい。砥石の番手はどれがよいか。",
    "出刃包丁の柄がぐらつく。柄だけの交換はできるか。",
    "爪切りの正しい使い方の動画があると聞いた。どこで見られるか。",
    "キッチンばさみの分解のしかたを教えてほしい。",
    "フライパンの焦げつきの落とし方について問い合わせ。",
    "カミソリの刃で指を切った。救急で三針縫った。",
    "キャンペーンの応募はがきを送ったが、当選発表はいつか。",
    "お客様相談室の電話がつながりにくいとのご意見。",
    "店員の対応がとても丁寧だったとお褒めの言葉をいただいた。",
    "会員登録した住所の変更をお願いしたい。",
    "My order has not been delivered yet. When will the parcel arrive?",
    "Which whetstone fits the santoku knife?",
    "Wie schärfe ich die Klinge des Küchenmessers richtig?",
    "Die Lieferung kam zu spät, das Paket lag beim Nachbarn.",
)
