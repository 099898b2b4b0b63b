"""The reference replica's rows, the same each time: 100,000 items, 130,000 GTINs, 1.3 million members.

Names are Chinese: brand + flavour + kind + size, so that parts of names repeat the way a shop's do.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

from pypinyin import Style, lazy_pinyin

ITEMS = 100_000
GTINS = 130_000
MEMBERS = 1_300_000
STORE_ID = "S001"

BRANDS = (
    "农夫山泉 康师傅 统一 娃哈哈 伊利 蒙牛 旺旺 洽洽 良品铺子 三只松鼠 百草味 海天 李锦记 金龙鱼 福临门"
    " 雀巢 可口可乐 百事 青岛 雪花 燕京 王老吉 加多宝 卫龙 达利园 奥利奥 乐事 上好佳 徐福记 德芙 好丽友 盼盼"
    " 双汇 金锣 思念 三全 湾仔码头 安井 光明 君乐宝 飞鹤 贝因美 立白 蓝月亮 雕牌 舒肤佳 高露洁 黑人 清风 维达"
).split()
_FLAVOURS = (
    "原味 红烧 香辣 麻辣 番茄 酸甜 柠檬 蜂蜜 绿茶 红茶 乌龙 茉莉 草莓 蓝莓 芒果 葡萄 橙味 苹果 香草 巧克力"
    " 牛奶 椰子 核桃 花生 芝麻 海苔 烧烤 孜然 黑椒 泡椒 老坛 鲜虾 牛肉 鸡汁 排骨 菌菇 清淡 浓香 低糖 无糖"
).split()
_KINDS = (
    "方便面 矿泉水 纯净水 茶饮料 果汁 酸奶 纯牛奶 奶粉 薯片 饼干 蛋糕 面包 糖果 巧克力 瓜子 坚果 肉干 火腿肠"
    " 水饺 汤圆 馄饨 酱油 食醋 蚝油 料酒 食用油 大米 面粉 挂面 啤酒 白酒 红酒 洗衣液 洗洁精 沐浴露 洗发水"
    " 牙膏 牙刷 抽纸 卷纸 湿巾 垃圾袋 保鲜膜 电池 毛巾 拖鞋 雨伞 水杯 饭盒 汤勺"
).split()
_SIZES = (
    "100克",
    "250克",
    "500克",
    "1千克",
    "250毫升",
    "330毫升",
    "550毫升",
    "1升",
    "2升",
    "12包",
    "6瓶",
    "单件",
)


@cache
def _pinyin(segment: str) -> tuple[str, str]:
    syllables = lazy_pinyin(segment)
    initials = lazy_pinyin(segment, style=Style.FIRST_LETTER)
    return "".join(syllables).lower(), "".join(initials).lower()


def items(count: int = ITEMS, *, seed: int = 1) -> Iterator[list[Any]]:
    """Rows of kind `item`; sales ranks are 1 … count in a shuffled order."""
    dice = random.Random(seed)
    ranks = list(range(1, count + 1))
    dice.shuffle(ranks)
    for number in range(count):
        parts = [dice.choice(choices) for choices in (BRANDS, _FLAVOURS, _KINDS, _SIZES)]
        name = "".join(parts)
        spelled = [_pinyin(part) for part in parts]
        yield [
            f"SKU{number:07d}",
            name,
            f"Item {number}",
            name[:16],
            parts[0],
            f"D{number % 40:02d}",
            "standard",
            "piece",
            "件",
            dice.randrange(50, 900),
            None,
            None,
            "[]",
            "".join(full for full, _ in spelled),
            "".join(first for _, first in spelled),
            ranks[number],
            1,
        ]


def gtins(count: int = GTINS, *, items: int = ITEMS) -> Iterator[list[Any]]:
    """Rows of kind `gtin`: every item has one, the first ones have more (cases of 12)."""
    for number in range(count):
        yield [gtin14(number), f"SKU{number % items:07d}", 1000 if number < items else 12_000]


def gtin14(number: int) -> str:
    """A valid 69… EAN-13 as 14 digits."""
    body = f"0690{number:09d}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


def members(count: int = MEMBERS) -> Iterator[list[Any]]:
    """Rows of kind `member`."""
    for number in range(count):
        digest = hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()
        member_id = f"{digest[:8]}-{digest[8:12]}-7{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
        yield [
            member_id,
            digest,
            f"138****{number % 10_000:04d}",
            "李女士",
            "silver",
            number % 5000,
            None,
            "{}",
        ]


def stores() -> list[list[Any]]:
    """The one store that the benchmarks sell in."""
    return [[STORE_ID, "人民路店", "east", "", None, None, "Asia/Shanghai", "PL1", "[]"]]


def prices(items: int = ITEMS) -> Iterator[list[Any]]:
    """Rows of a release's price file, without the columns' names."""
    for number in range(items):
        yield ["PL1", f"SKU{number:07d}", 0, None, 100 + number % 9900]
