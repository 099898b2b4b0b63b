"""Words that the demo's names are made of, Chinese beside English. Brands are invented.

A product line is sold by some brands, in some variants and sizes; every combination is an item. Prices
are in fen for the first size; other sizes follow their factor in percent.
"""

# ruff: noqa: E501 - one product line a line reads better than twelve lines each

from __future__ import annotations

from dataclasses import dataclass

Word = tuple[str, str]
"""Chinese, English."""


@dataclass(frozen=True, slots=True)
class Size:
    """A pack size and its price in percent of the first one's. `unit` is the sales unit."""

    name: Word
    price_percent: int
    unit: str


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A product and how it comes. `case` is the number of pieces in a case code, 0 for none."""

    department: str
    tax_class: str
    product: Word
    brands: tuple[Word, ...]
    variants: tuple[Word, ...]
    sizes: tuple[Size, ...]
    price_fen: int
    case: int = 0
    age_minimum: int | None = None
    deposit: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Produce:
    """Something sold by weight, at `price_fen` a kilogram."""

    department: str
    name: Word
    price_fen: int


DEPARTMENTS: tuple[tuple[str, str | None, str, str], ...] = (
    ("D10", None, "生鲜", "Fresh"),
    ("D101", "D10", "水果", "Fruit"),
    ("D102", "D10", "蔬菜", "Vegetables"),
    ("D103", "D10", "肉禽蛋", "Meat and eggs"),
    ("D104", "D10", "水产", "Fish"),
    ("D20", None, "冷藏乳品", "Dairy and chilled"),
    ("D201", "D20", "牛奶", "Milk"),
    ("D202", "D20", "酸奶", "Yoghurt"),
    ("D203", "D20", "豆制品", "Tofu and soy"),
    ("D30", None, "饮料", "Drinks"),
    ("D301", "D30", "饮用水", "Water"),
    ("D302", "D30", "茶饮料", "Tea drinks"),
    ("D303", "D30", "果汁", "Juice"),
    ("D304", "D30", "碳酸饮料", "Soft drinks"),
    ("D305", "D30", "咖啡冲调", "Coffee and mixes"),
    ("D40", None, "休闲食品", "Snacks"),
    ("D401", "D40", "膨化食品", "Crisps"),
    ("D402", "D40", "饼干糕点", "Biscuits and cakes"),
    ("D403", "D40", "坚果炒货", "Nuts"),
    ("D404", "D40", "糖果巧克力", "Sweets and chocolate"),
    ("D405", "D40", "肉干蜜饯", "Jerky and dried fruit"),
    ("D50", None, "粮油调味", "Staples"),
    ("D501", "D50", "米面杂粮", "Rice and flour"),
    ("D502", "D50", "食用油", "Cooking oil"),
    ("D503", "D50", "调味品", "Condiments"),
    ("D504", "D50", "方便食品", "Instant food"),
    ("D60", None, "烟酒", "Alcohol and tobacco"),
    ("D601", "D60", "白酒", "Spirits"),
    ("D602", "D60", "啤酒", "Beer"),
    ("D603", "D60", "葡萄酒", "Wine"),
    ("D604", "D60", "香烟", "Cigarettes"),
    ("D70", None, "日化洗护", "Personal care"),
    ("D701", "D70", "洗发护发", "Hair care"),
    ("D702", "D70", "身体清洁", "Body care"),
    ("D703", "D70", "口腔护理", "Oral care"),
    ("D704", "D70", "衣物清洁", "Laundry"),
    ("D705", "D70", "纸品", "Paper goods"),
    ("D80", None, "家居百货", "Household"),
    ("D801", "D80", "厨房用品", "Kitchen"),
    ("D802", "D80", "文具电池", "Stationery and batteries"),
    ("D90", None, "服务", "Services"),
)

_YUNLU: Word = ("云麓", "Yunlu")
_CHENHE: Word = ("晨禾里", "Chenheli")
_QINGYU: Word = ("青屿角", "Qingyujiao")
_BEIWAN: Word = ("北湾渡", "Beiwandu")
_MAISUI: Word = ("麦穗巷", "Maisuixiang")
_SHANLAN: Word = ("山岚记", "Shanlanji")
_NUANTANG: Word = ("暖塘", "Nuantang")
_XINGZHOU: Word = ("星洲坞", "Xingzhouwu")
_ZHULIN: Word = ("竹邻", "Zhulin")
_LANQIAO: Word = ("岚桥", "Lanqiao")
_HAIMIAN: Word = ("海眠", "Haimian")
_YOUYOU: Word = ("柚柚仓", "Youyoucang")
_MUGE: Word = ("木阁", "Muge")
_BAILU: Word = ("白露渡", "Bailudu")
_JIANGYUE: Word = ("江月坊", "Jiangyuefang")
_OWN: Word = ("潮记", "Chaoji")

EVERYWHERE: tuple[Word, ...] = (("禾木间", "Hemujian"), ("晴野仓", "Qingyecang"))
"""Brands that sell every line, beside those it names."""


def _sizes(*entries: tuple[str, str, int, str]) -> tuple[Size, ...]:
    return tuple(Size((zh, en), percent, unit) for zh, en, percent, unit in entries)


_BOTTLES = _sizes(
    ("330ml", "330 ml", 100, "瓶"), ("500ml", "500 ml", 130, "瓶"), ("1.25L", "1.25 l", 240, "瓶")
)
_CARTONS = _sizes(("250ml", "250 ml", 100, "盒"), ("1L", "1 l", 330, "盒"))
_BAGS = _sizes(("40g", "40 g", 100, "袋"), ("75g", "75 g", 170, "袋"), ("135g", "135 g", 280, "袋"))
_TINS = _sizes(("330ml罐装", "330 ml can", 100, "罐"), ("500ml罐装", "500 ml can", 140, "罐"))

PRODUCT_LINES: tuple[ProductLine, ...] = (
    ProductLine("D201", "V9", ("纯牛奶", "milk"), (_CHENHE, _NUANTANG, _YUNLU), (("全脂", "whole"), ("低脂", "low-fat"), ("脱脂", "skimmed"), ("高钙", "high-calcium")), _CARTONS, 350, 12),
    ProductLine("D202", "V13", ("酸奶", "yoghurt"), (_CHENHE, _NUANTANG, _LANQIAO), (("原味", "plain"), ("草莓", "strawberry"), ("黄桃", "peach"), ("蓝莓", "blueberry"), ("燕麦", "oat")), _sizes(("100g", "100 g", 100, "杯"), ("450g", "450 g", 380, "桶")), 390, 12),
    ProductLine("D203", "V13", ("豆腐干", "dried tofu"), (_ZHULIN, _MAISUI), (("五香", "five-spice"), ("香辣", "spicy"), ("卤汁", "braised")), _sizes(("90g", "90 g", 100, "袋"), ("200g", "200 g", 200, "袋")), 480),
    ProductLine("D301", "V13", ("饮用天然水", "natural water"), (_YUNLU, _BEIWAN, _OWN), (("", ""), ("低钠", "low-sodium")), _sizes(("350ml", "350 ml", 100, "瓶"), ("550ml", "550 ml", 120, "瓶"), ("1.5L", "1.5 l", 240, "瓶"), ("4L", "4 l", 520, "桶")), 150, 24, tags=("water",)),
    ProductLine("D301", "V13", ("苏打水", "soda water"), (_BEIWAN, _LANQIAO), (("原味", "plain"), ("柠檬", "lemon"), ("白桃", "white peach")), _sizes(("350ml", "350 ml", 100, "瓶"), ("410ml", "410 ml", 120, "瓶")), 350, 15),
    ProductLine("D302", "V13", ("茶饮料", "tea drink"), (_SHANLAN, _QINGYU, _YOUYOU), (("茉莉花", "jasmine"), ("乌龙", "oolong"), ("红茶", "black"), ("绿茶", "green"), ("普洱", "pu-erh"), ("柚子绿", "pomelo green")), _sizes(("500ml", "500 ml", 100, "瓶"), ("1L", "1 l", 170, "瓶")), 350, 15, tags=("tea",)),
    ProductLine("D302", "V13", ("无糖茶", "unsweetened tea"), (_SHANLAN, _BAILU), (("东方", "oriental"), ("青柑", "green tangerine"), ("大麦", "barley"), ("桂花", "osmanthus")), _sizes(("335ml", "335 ml", 100, "瓶"), ("900ml", "900 ml", 190, "瓶")), 450, 15, tags=("tea",)),
    ProductLine("D303", "V13", ("果汁", "juice"), (_YOUYOU, _QINGYU, _OWN), (("橙", "orange"), ("苹果", "apple"), ("葡萄", "grape"), ("西柚", "grapefruit"), ("芒果", "mango"), ("山楂", "hawthorn")), _sizes(("300ml", "300 ml", 100, "瓶"), ("1L", "1 l", 250, "瓶")), 480, 12),
    ProductLine("D304", "V13", ("汽水", "soda"), (_HAIMIAN, _XINGZHOU), (("可乐味", "cola"), ("柠檬味", "lemon"), ("橙味", "orange"), ("荔枝味", "lychee"), ("盐汽水", "salted")), (*_TINS, *_BOTTLES), 280, 24, tags=("soda",)),
    ProductLine("D304", "V13", ("玻璃瓶汽水", "soda in glass"), (_BEIWAN, _JIANGYUE), (("橘子味", "tangerine"), ("菠萝味", "pineapple"), ("酸梅味", "sour plum")), _sizes(("248ml", "248 ml", 100, "瓶")), 350, 24, deposit=True),
    ProductLine("D305", "V13", ("即饮咖啡", "ready coffee"), (_MUGE, _XINGZHOU), (("拿铁", "latte"), ("美式", "americano"), ("摩卡", "mocha"), ("生椰", "coconut")), _sizes(("270ml", "270 ml", 100, "瓶"), ("900ml", "900 ml", 250, "瓶")), 650, 15),
    ProductLine("D305", "V13", ("冲饮粉", "drink powder"), (_MUGE, _MAISUI), (("黑芝麻", "black sesame"), ("核桃", "walnut"), ("红豆薏米", "red bean"), ("藕粉", "lotus root"), ("豆浆", "soy")), _sizes(("320g", "320 g", 100, "袋"), ("600g", "600 g", 175, "罐")), 1690),
    ProductLine("D401", "V13", ("薯片", "potato crisps"), (_XINGZHOU, _YOUYOU, _MAISUI), (("原味", "salted"), ("黄瓜味", "cucumber"), ("番茄味", "tomato"), ("烧烤味", "barbecue"), ("海苔味", "seaweed"), ("香辣味", "spicy")), _BAGS, 390, 22, tags=("crisps",)),
    ProductLine("D401", "V13", ("虾条", "prawn sticks"), (_HAIMIAN, _BEIWAN), (("原味", "plain"), ("麻辣", "hot"), ("芝士", "cheese")), _BAGS, 290, 30),
    ProductLine("D401", "V13", ("爆米花", "popcorn"), (_XINGZHOU, _OWN), (("奶油", "butter"), ("焦糖", "caramel"), ("海盐", "sea salt")), _sizes(("60g", "60 g", 100, "袋"), ("150g", "150 g", 210, "桶")), 590),
    ProductLine("D402", "V13", ("曲奇", "cookies"), (_MAISUI, _NUANTANG, _OWN), (("黄油", "butter"), ("蔓越莓", "cranberry"), ("巧克力", "chocolate"), ("抹茶", "matcha")), _sizes(("90g", "90 g", 100, "盒"), ("240g", "240 g", 230, "盒")), 890, 12),
    ProductLine("D402", "V13", ("苏打饼干", "crackers"), (_MAISUI, _BEIWAN), (("香葱", "spring onion"), ("芝麻", "sesame"), ("奶盐", "milk salt"), ("海苔", "seaweed")), _sizes(("100g", "100 g", 100, "袋"), ("400g", "400 g", 330, "袋")), 490, 20),
    ProductLine("D402", "V13", ("蛋糕", "cake"), (_NUANTANG, _CHENHE), (("蜂蜜", "honey"), ("奶香", "milk"), ("枣泥", "jujube"), ("肉松", "pork floss")), _sizes(("80g", "80 g", 100, "个"), ("360g", "360 g", 370, "袋")), 450),
    ProductLine("D402", "V13", ("月饼", "mooncake"), (_JIANGYUE, _MUGE), (("五仁", "five-nut"), ("莲蓉蛋黄", "lotus and yolk"), ("豆沙", "bean paste"), ("流心奶黄", "custard")), _sizes(("75g", "75 g", 100, "个"), ("礼盒600g", "gift box 600 g", 1200, "盒")), 980),
    ProductLine("D403", "V13", ("坚果", "nuts"), (_SHANLAN, _YOUYOU, _OWN), (("原味腰果", "cashews"), ("盐焗巴旦木", "salted almonds"), ("开心果", "pistachios"), ("夏威夷果", "macadamias"), ("每日混合", "daily mix")), _sizes(("25g", "25 g", 100, "袋"), ("120g", "120 g", 430, "袋"), ("500g", "500 g", 1580, "罐")), 690),
    ProductLine("D403", "V13", ("瓜子", "sunflower seeds"), (_MAISUI, _BAILU), (("五香", "five-spice"), ("焦糖", "caramel"), ("山核桃味", "hickory"), ("原香", "plain")), _sizes(("108g", "108 g", 100, "袋"), ("260g", "260 g", 210, "袋")), 650, 20),
    ProductLine("D404", "V13", ("巧克力", "chocolate"), (_MUGE, _XINGZHOU), (("牛奶", "milk"), ("黑72%", "dark 72%"), ("榛子", "hazelnut"), ("白", "white")), _sizes(("43g", "43 g", 100, "块"), ("100g", "100 g", 210, "块"), ("礼盒240g", "gift box 240 g", 620, "盒")), 890),
    ProductLine("D404", "V13", ("硬糖", "hard candy"), (_YOUYOU, _LANQIAO), (("薄荷", "mint"), ("话梅", "salted plum"), ("水果", "fruit"), ("枇杷", "loquat")), _sizes(("25g", "25 g", 100, "条"), ("120g", "120 g", 360, "袋")), 350),
    ProductLine("D404", "V13", ("口香糖", "chewing gum"), (_LANQIAO, _HAIMIAN), (("薄荷", "mint"), ("西瓜", "watermelon"), ("蓝莓", "blueberry")), _sizes(("15g", "15 g", 100, "条"), ("56g", "56 g", 330, "瓶")), 300),
    ProductLine("D405", "V13", ("牛肉干", "beef jerky"), (_SHANLAN, _BEIWAN), (("五香", "five-spice"), ("麻辣", "hot"), ("沙爹", "satay")), _sizes(("50g", "50 g", 100, "袋"), ("120g", "120 g", 220, "袋")), 1590),
    ProductLine("D405", "V13", ("蜜饯", "dried fruit"), (_BAILU, _YOUYOU), (("话梅", "plum"), ("芒果干", "mango"), ("山楂片", "hawthorn"), ("杏脯", "apricot"), ("无花果", "fig")), _sizes(("65g", "65 g", 100, "袋"), ("150g", "150 g", 210, "袋")), 690),
    ProductLine("D501", "V9", ("大米", "rice"), (_YUNLU, _BEIWAN, _OWN), (("长粒香", "long-grain"), ("稻花香", "fragrant"), ("珍珠", "pearl")), _sizes(("1kg", "1 kg", 100, "袋"), ("5kg", "5 kg", 460, "袋"), ("10kg", "10 kg", 890, "袋")), 890),
    ProductLine("D501", "V9", ("挂面", "dried noodles"), (_MAISUI, _BEIWAN), (("原味", "plain"), ("鸡蛋", "egg"), ("荞麦", "buckwheat"), ("龙须", "fine")), _sizes(("400g", "400 g", 100, "把"), ("900g", "900 g", 210, "袋")), 490, 20),
    ProductLine("D501", "V9", ("杂粮", "grains"), (_YUNLU, _MUGE), (("小米", "millet"), ("绿豆", "mung beans"), ("黑米", "black rice"), ("燕麦片", "oats"), ("糯米", "glutinous rice")), _sizes(("400g", "400 g", 100, "袋"), ("1kg", "1 kg", 230, "袋")), 790),
    ProductLine("D502", "V9", ("食用油", "cooking oil"), (_MAISUI, _JIANGYUE, _OWN), (("花生", "peanut"), ("菜籽", "rapeseed"), ("大豆", "soybean"), ("葵花籽", "sunflower"), ("玉米", "corn")), _sizes(("900ml", "900 ml", 100, "瓶"), ("1.8L", "1.8 l", 190, "桶"), ("5L", "5 l", 480, "桶")), 1590, 6),
    ProductLine("D503", "V13", ("酱油", "soy sauce"), (_JIANGYUE, _BAILU), (("生抽", "light"), ("老抽", "dark"), ("味极鲜", "umami"), ("减盐", "low-salt")), _sizes(("500ml", "500 ml", 100, "瓶"), ("1.28L", "1.28 l", 220, "瓶")), 890, 12),
    ProductLine("D503", "V13", ("食醋", "vinegar"), (_JIANGYUE, _MUGE), (("陈", "aged"), ("米", "rice"), ("香", "fragrant"), ("苹果", "apple")), _sizes(("420ml", "420 ml", 100, "瓶"), ("800ml", "800 ml", 170, "瓶")), 650, 12),
    ProductLine("D503", "V13", ("调味酱", "sauce"), (_BAILU, _ZHULIN), (("豆瓣", "broad bean"), ("黄豆", "soybean"), ("牛肉", "beef"), ("香菇", "mushroom"), ("剁椒", "chopped chilli")), _sizes(("210g", "210 g", 100, "瓶"), ("500g", "500 g", 200, "瓶")), 890),
    ProductLine("D503", "V13", ("食盐", "salt"), (_HAIMIAN, _OWN), (("加碘精制", "iodised"), ("海", "sea"), ("低钠", "low-sodium")), _sizes(("250g", "250 g", 100, "袋"), ("400g", "400 g", 140, "袋")), 250, 50),
    ProductLine("D504", "V13", ("方便面", "instant noodles"), (_XINGZHOU, _BEIWAN, _MAISUI), (("红烧牛肉", "braised beef"), ("老坛酸菜", "pickled cabbage"), ("香菇炖鸡", "chicken"), ("番茄鸡蛋", "tomato and egg"), ("酸辣", "hot and sour")), _sizes(("袋装", "bag", 100, "袋"), ("桶装", "bowl", 170, "桶"), ("五连包", "five-pack", 470, "包")), 280, 12),
    ProductLine("D504", "V13", ("罐头", "tinned fruit"), (_YOUYOU, _BEIWAN), (("黄桃", "peach"), ("橘子", "mandarin"), ("杨梅", "bayberry"), ("什锦", "mixed")), _sizes(("250g", "250 g", 100, "罐"), ("425g", "425 g", 160, "罐")), 790),
    ProductLine("D504", "V13", ("自热米饭", "self-heating rice"), (_XINGZHOU, _ZHULIN), (("鱼香肉丝", "pork in garlic sauce"), ("宫保鸡丁", "kung pao chicken"), ("台式卤肉", "braised pork")), _sizes(("260g", "260 g", 100, "盒"), ("360g", "360 g", 125, "盒")), 1690),
    ProductLine("D601", "V13", ("白酒", "baijiu"), (_JIANGYUE, _SHANLAN, _BAILU), (("浓香", "strong aroma"), ("清香", "light aroma"), ("酱香", "sauce aroma")), _sizes(("100ml", "100 ml", 100, "瓶"), ("500ml", "500 ml", 420, "瓶"), ("礼盒500ml×2", "gift box 2 × 500 ml", 880, "盒")), 2890, age_minimum=18),
    ProductLine("D602", "V13", ("啤酒", "beer"), (_HAIMIAN, _BEIWAN), (("拉格", "lager"), ("小麦", "wheat"), ("黑", "dark"), ("纯生", "draft")), _TINS, 450, 24, 18),
    ProductLine("D602", "V13", ("瓶装啤酒", "bottled beer"), (_HAIMIAN, _JIANGYUE), (("经典", "classic"), ("特酿", "special")), _sizes(("500ml", "500 ml", 100, "瓶"), ("600ml", "600 ml", 115, "瓶")), 480, 12, 18, deposit=True),
    ProductLine("D603", "V13", ("葡萄酒", "wine"), (_YUNLU, _LANQIAO), (("干红", "dry red"), ("干白", "dry white"), ("桃红", "rosé"), ("甜白", "sweet white")), _sizes(("187ml", "187 ml", 100, "瓶"), ("750ml", "750 ml", 330, "瓶")), 2590, 6, 18),
    ProductLine("D604", "V13", ("香烟", "cigarettes"), (_SHANLAN, _JIANGYUE), (("硬盒", "hard pack"), ("软盒", "soft pack"), ("细支", "slim")), _sizes(("20支", "20 pieces", 100, "包"), ("条装200支", "carton of 200", 1000, "条")), 2000, 0, 18),
    ProductLine("D701", "V13", ("洗发水", "shampoo"), (_HAIMIAN, _ZHULIN), (("去屑", "anti-dandruff"), ("柔顺", "smooth"), ("控油", "oil control"), ("滋养", "nourishing")), _sizes(("200ml", "200 ml", 100, "瓶"), ("400ml", "400 ml", 180, "瓶"), ("750ml", "750 ml", 310, "瓶")), 2190),
    ProductLine("D701", "V13", ("护发素", "conditioner"), (_HAIMIAN, _ZHULIN), (("柔顺", "smooth"), ("修护", "repair")), _sizes(("200ml", "200 ml", 100, "瓶"), ("400ml", "400 ml", 180, "瓶")), 2390),
    ProductLine("D702", "V13", ("沐浴露", "shower gel"), (_BAILU, _LANQIAO), (("樱花", "cherry blossom"), ("薄荷", "mint"), ("牛奶", "milk"), ("海洋", "ocean")), _sizes(("200ml", "200 ml", 100, "瓶"), ("500ml", "500 ml", 210, "瓶"), ("1L", "1 l", 360, "瓶")), 1690),
    ProductLine("D702", "V13", ("香皂", "soap"), (_BAILU, _OWN), (("茉莉", "jasmine"), ("柠檬", "lemon"), ("檀香", "sandalwood"), ("硫磺", "sulphur")), _sizes(("100g", "100 g", 100, "块"), ("100g×3", "3 × 100 g", 270, "组")), 450, 36),
    ProductLine("D703", "V13", ("牙膏", "toothpaste"), (_LANQIAO, _ZHULIN), (("薄荷", "mint"), ("美白", "whitening"), ("抗敏感", "sensitive"), ("儿童草莓", "children's strawberry")), _sizes(("90g", "90 g", 100, "支"), ("140g", "140 g", 145, "支"), ("180g", "180 g", 175, "支")), 890, 24),
    ProductLine("D703", "V13", ("牙刷", "toothbrush"), (_LANQIAO, _OWN), (("软毛", "soft"), ("中毛", "medium"), ("炭丝", "charcoal")), _sizes(("单支", "single", 100, "支"), ("两支装", "two-pack", 180, "组")), 590),
    ProductLine("D704", "V13", ("洗衣液", "laundry liquid"), (_HAIMIAN, _QINGYU, _OWN), (("薰衣草", "lavender"), ("茶香", "tea"), ("除菌", "antibacterial")), _sizes(("1kg", "1 kg", 100, "瓶"), ("2kg", "2 kg", 180, "瓶"), ("3kg", "3 kg", 255, "瓶")), 1490, 6),
    ProductLine("D704", "V13", ("洗洁精", "washing-up liquid"), (_QINGYU, _OWN), (("柠檬", "lemon"), ("生姜", "ginger"), ("茶籽", "tea seed")), _sizes(("500g", "500 g", 100, "瓶"), ("1.1kg", "1.1 kg", 180, "瓶")), 690, 12),
    ProductLine("D705", "V13", ("抽纸", "tissues"), (_NUANTANG, _QINGYU, _OWN), (("三层", "3-ply"), ("四层", "4-ply"), ("乳霜", "lotion")), _sizes(("100抽", "100 sheets", 100, "包"), ("100抽×6", "6 × 100 sheets", 560, "提"), ("整箱24包", "case of 24", 2100, "箱")), 390),
    ProductLine("D705", "V13", ("卷纸", "toilet paper"), (_NUANTANG, _OWN), (("三层", "3-ply"), ("四层", "4-ply")), _sizes(("4卷", "4 rolls", 100, "提"), ("10卷", "10 rolls", 230, "提"), ("27卷", "27 rolls", 580, "提")), 990),
    ProductLine("D801", "V13", ("保鲜袋", "food bags"), (_QINGYU, _OWN), (("小号", "small"), ("中号", "medium"), ("大号", "large")), _sizes(("100只", "100 pieces", 100, "卷"), ("200只", "200 pieces", 185, "卷")), 690),
    ProductLine("D801", "V13", ("垃圾袋", "bin bags"), (_QINGYU, _OWN), (("平口", "flat"), ("抽绳", "drawstring"), ("加厚", "heavy")), _sizes(("30只", "30 pieces", 100, "卷"), ("90只", "90 pieces", 270, "组")), 590),
    ProductLine("D801", "V13", ("保温杯", "thermos"), (_MUGE, _LANQIAO), (("云白", "white"), ("墨黑", "black"), ("藤粉", "pink")), _sizes(("350ml", "350 ml", 100, "个"), ("500ml", "500 ml", 120, "个")), 5900),
    ProductLine("D802", "V13", ("碱性电池", "alkaline batteries"), (_XINGZHOU, _BEIWAN), (("5号", "AA"), ("7号", "AAA")), _sizes(("2粒", "2 pieces", 100, "卡"), ("4粒", "4 pieces", 185, "卡"), ("12粒", "12 pieces", 500, "卡")), 590),
    ProductLine("D802", "V13", ("中性笔", "gel pen"), (_MUGE, _ZHULIN), (("黑色0.5", "black 0.5"), ("蓝色0.5", "blue 0.5"), ("红色0.5", "red 0.5")), _sizes(("单支", "single", 100, "支"), ("10支装", "ten-pack", 850, "盒")), 200),
    ProductLine("D802", "V13", ("笔记本", "notebook"), (_MUGE, _ZHULIN), (("横线", "ruled"), ("方格", "squared"), ("空白", "plain")), _sizes(("A5", "A5", 100, "本"), ("B5", "B5", 135, "本")), 890),
)  # fmt: skip

PRODUCE: tuple[Produce, ...] = (
    *(
        Produce("D101", (zh, en), fen)
        for zh, en, fen in (
            ("红富士苹果", "Fuji apples", 1398), ("黄元帅苹果", "golden apples", 1198), ("贡梨", "gong pears", 798),
            ("香梨", "fragrant pears", 1598), ("香蕉", "bananas", 698), ("芭蕉", "plantains", 798),
            ("赣南脐橙", "navel oranges", 998), ("砂糖橘", "sugar mandarins", 1298), ("蜜柚", "honey pomelo", 698),
            ("柠檬", "lemons", 1598), ("巨峰葡萄", "Kyoho grapes", 1998), ("阳光玫瑰葡萄", "Muscat grapes", 3998),
            ("西瓜", "watermelon", 398), ("哈密瓜", "Hami melon", 898), ("水蜜桃", "peaches", 1798),
            ("油桃", "nectarines", 1298), ("李子", "plums", 1098), ("车厘子", "cherries", 6998),
            ("草莓", "strawberries", 3998), ("蓝莓散装", "loose blueberries", 7998), ("猕猴桃", "kiwi fruit", 1598),
            ("火龙果", "dragon fruit", 1398), ("芒果", "mangoes", 1698), ("菠萝", "pineapple", 698),
            ("木瓜", "papaya", 898), ("石榴", "pomegranates", 1498), ("柿子", "persimmons", 998),
            ("冬枣", "winter jujubes", 1998), ("荔枝", "lychees", 2998), ("龙眼", "longans", 1998),
        )
    ),
    *(
        Produce("D102", (zh, en), fen)
        for zh, en, fen in (
            ("大白菜", "Chinese cabbage", 298), ("上海青", "pak choi", 498), ("菠菜", "spinach", 798),
            ("生菜", "lettuce", 698), ("油麦菜", "romaine", 698), ("空心菜", "water spinach", 798),
            ("芹菜", "celery", 598), ("韭菜", "garlic chives", 698), ("西兰花", "broccoli", 998),
            ("花菜", "cauliflower", 798), ("番茄", "tomatoes", 798), ("黄瓜", "cucumbers", 698),
            ("茄子", "aubergines", 698), ("青椒", "green peppers", 798), ("小米椒", "bird's-eye chillies", 1998),
            ("土豆", "potatoes", 398), ("红薯", "sweet potatoes", 498), ("山药", "Chinese yam", 1298),
            ("胡萝卜", "carrots", 398), ("白萝卜", "white radish", 298), ("莲藕", "lotus root", 998),
            ("洋葱", "onions", 398), ("大蒜", "garlic", 1198), ("生姜", "ginger", 1598),
            ("冬瓜", "winter melon", 298), ("南瓜", "pumpkin", 398), ("苦瓜", "bitter gourd", 898),
            ("丝瓜", "loofah", 898), ("豆角", "long beans", 998), ("毛豆", "edamame", 998),
            ("玉米", "sweetcorn", 798), ("金针菇", "enoki mushrooms", 1198), ("香菇", "shiitake mushrooms", 1998),
            ("平菇", "oyster mushrooms", 998), ("豆芽", "bean sprouts", 398), ("香菜", "coriander", 1998),
        )
    ),
    *(
        Produce("D103", (zh, en), fen)
        for zh, en, fen in (
            ("五花肉", "pork belly", 3980), ("里脊肉", "pork loin", 4280), ("猪排骨", "pork ribs", 5980),
            ("猪前腿肉", "pork shoulder", 3280), ("猪蹄", "pig's trotters", 3880), ("牛腩", "beef brisket", 8980),
            ("牛腱子", "beef shank", 9580), ("羊腿肉", "leg of lamb", 8680), ("鸡胸肉", "chicken breast", 2680),
            ("鸡腿", "chicken legs", 2480), ("鸡翅中", "chicken wings", 4980), ("整鸭", "whole duck", 2980),
            ("散装鸡蛋", "loose eggs", 1180), ("散装鸭蛋", "loose duck eggs", 1980), ("猪肝", "pork liver", 2280),
        )
    ),
    *(
        Produce("D104", (zh, en), fen)
        for zh, en, fen in (
            ("草鱼", "grass carp", 1980), ("鲫鱼", "crucian carp", 2580), ("鲈鱼", "sea bass", 4580),
            ("带鱼", "hairtail", 3980), ("基围虾", "greasyback prawns", 7980), ("花蛤", "clams", 1580),
            ("鱿鱼", "squid", 5580), ("三文鱼", "salmon", 15800), ("黄花鱼", "yellow croaker", 4980),
        )
    ),
)  # fmt: skip
