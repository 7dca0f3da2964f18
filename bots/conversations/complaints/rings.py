"""Words that mean the same trouble: a theme whose name has one of a ring is meant by the others too. Our own list.

So a form's choices (配送延遲, 異音或異味) meet what people write (等了一個禮拜還沒到, 喀喀聲) without a model, in any
company whose themes are named in such words.
"""

_RINGS = (
    (
        "配送 出貨 到貨 送達 運送 物流 宅配 快遞 寄送 包裹 還沒到 還沒收到 沒收到 "
        "delivery shipping shipment courier parcel"
    ),
    "延遲 遲到 拖延 太慢 很慢 等了 等很久 等好久 還沒到 還沒收到 還沒出貨 late delay delayed slow waiting",
    "缺件 短少 少件 少了 漏寄 少寄 只收到 寄錯 送錯 沒附 missing incomplete wrong_item",
    "缺貨 無貨 斷貨 沒貨 有現貨 out_of_stock",
    "瑕疵 刮痕 刮傷 凹陷 裂痕 裂開 破損 掉漆 污漬 變形 scratch scratched crack cracked dent damage damaged cosmetic",
    "漏水 滲水 滴水 積水 進水 leak leaks leaking",
    "異音 噪音 雜音 聲音 喀喀 很吵 太吵 好吵 嗡嗡 noise noisy loud rattling",
    "異味 臭味 味道 很臭 霉味 燒焦味 smell smells odor stink",
    "離線 斷線 連線 連不上 配對 藍牙 app wifi 路由器 offline disconnect disconnects pairing bluetooth connection",
    "退款 退費 退錢 差額 扣款 刷卡 溢收 多收 refund charged charge money_back",
    "退貨 換貨 退換 鑑賞期 return exchange",
    "發票 統編 統一編號 收據 載具 invoice receipt",
    "服務 客服 態度 店員 專員 沒人接 沒人回 已讀不回 口氣 不耐煩 service rude staff attitude support",
    "冒煙 起火 著火 燒焦 爆炸 觸電 漏電 受傷 燙傷 安全 smoke fire burn burnt burned injury injured shock safety",
    (
        "故障 功能不良 壞掉 壞了 不能用 不動 不會動 不轉 不會轉 打不開 開不了 沒反應 失靈 當機 不運轉 "
        "broken defective work works working dead"
    ),
    "價格 價錢 太貴 漲價 折扣 優惠 price expensive discount",
    "品質 質感 做工 材質 耐用 quality material",
    "安裝 組裝 說明書 install installation manual",
)

RINGS: tuple[tuple[str, ...], ...] = tuple(tuple(word.replace("_", " ") for word in ring.split()) for ring in _RINGS)
