"""Words that tell how somebody feels about what they bought, Traditional Chinese and English. Written by ourselves.

They are matched after ``terms.fold``, so 臺/台, Simplified and full width need no entry of their own.
"""

from collections.abc import Mapping

_STRONG = 2.0
_PLAIN = 1.0
_WEAK = 0.5

_NEGATIVE = {
    _STRONG: (
        "爛 超爛 爛透 垃圾 詐騙 騙子 騙人 欺騙 黑心 可惡 惡劣 離譜 誇張 噁心 憤怒 生氣 火大 氣死 傻眼 無言 後悔 "
        "雷店 踩雷 地雷 退貨 退錢 投訴 申訴 客訴 檢舉 消保官 提告 差勁 差評 負評 太扯 很扯 扯爆 冒煙 起火 燒焦 "
        "爆炸 觸電 受傷 危險 燙傷 已讀不回 置之不理 不聞不問 敷衍 擺爛 推卸 推託 推拖 再也不會 絕對不會再 不會再買 "
        "不會再來 一肚子火 忍無可忍 浪費錢 "
        "terrible|awful|horrible|worst|scam|fraud|garbage|trash|disgusting|useless|unacceptable|furious|angry|"
        "rip off|ripoff|dangerous|fire|smoke|injured|burned|burnt|ridiculous|never again|waste of money|hate|hated|"
        "liar|liars"
    ),
    _PLAIN: (
        "壞 壞掉 壞了 故障 瑕疵 破損 破裂 裂開 裂痕 刮痕 刮傷 凹陷 缺件 漏寄 寄錯 少寄 少件 短少 漏水 滲水 滴水 "
        "漏電 異音 異味 噪音 很吵 太吵 好吵 吵死 大聲 臭味 很臭 好臭 發霉 生鏽 掉漆 當機 離線 斷線 失靈 沒反應 "
        "沒有反應 沒作用 沒效果 沒用 不能用 失望 不滿 抱怨 糟 糟糕 很差 太差 好差 真差 超差 差透 難用 難吃 難看 "
        "不耐用 太慢 很慢 超慢 好慢 慢死 拖延 延遲 遲到 誤點 等很久 等了 等好久 還沒收到 沒收到 沒有收到 還沒出貨 "
        "還沒到 沒人接 沒有人接 沒人理 沒人回 沒有回 都不回 不回應 不理 態度差 態度不好 不耐煩 兇 麻煩 問題 錯誤 "
        "弄錯 算錯 多收 亂扣 溢收 缺貨 卡住 不實 不符 假貨 仿冒 太貴 坑 坑人 騙 不爽 氣 煩 怒 慘 可惜 擔心 不準 "
        "無法 不動 不轉 不出 不會動 不會轉 不如 只收到 沒有給 沒給 還沒退 還沒給 還沒寄 還沒回 還沒處理 還沒修 😡 "
        "😠 🤬 👎 💢 "
        "bad|poor|broken|broke|break|defective|faulty|damaged|damage|scratched|scratch|cracked|crack|leak|leaks|"
        "leaked|leaking|missing|wrong|late|delayed|delay|slow|rude|disappointed|disappointing|disappointment|"
        "annoying|annoyed|unhappy|upset|noisy|loud|smelly|smells|stinks|fail|fails|failed|failure|problem|problems|"
        "issue|issues|complaint|complain|refund|cheap plastic|overpriced|offline|dead|stopped working|"
        "never arrived|never came|no response|no reply|no one|nobody|still waiting|cannot|can't|unable|ignored|"
        "error|errors|crash|crashes"
    ),
    _WEAK: (
        "慢 差 吵 臭 普通 貴 少 舊 髒 expensive|difficult|hard to|confusing|mediocre|average|meh|old|dirty|disconnects"
    ),
}
_POSITIVE = {
    _STRONG: (
        "超棒 完美 非常滿意 驚豔 最棒 大推 五星 滿分 感動 超推 愛不釋手 無可挑剔 沒話說 沒得挑 物超所值 "
        "excellent|perfect|amazing|awesome|fantastic|outstanding|superb|wonderful|love it|best|brilliant"
    ),
    _PLAIN: (
        "滿意 喜歡 推薦 推推 好用 好看 好吃 好評 讚 棒 優質 優秀 親切 友善 貼心 用心 細心 耐心 專業 迅速 很快 超快 "
        "快速 準時 方便 舒服 安靜 漂亮 精美 划算 便宜 值得 開心 高興 感謝 謝謝 感恩 順利 解決了 修好了 修好 有效 "
        "耐用 實用 不錯 很好 真好 太好 超好 蠻好 滿好 挺好 最好用 良心 再買 回購 會再來 清楚 乾淨 省電 👍 😊 😍 🥰 "
        "good|great|nice|love|loved|like it|happy|satisfied|pleased|recommend|recommended|helpful|friendly|polite|"
        "quick|quickly|fast|quiet|comfortable|beautiful|thanks|thank you|well|easy|convenient|reliable|durable|"
        "impressed|no problem|no problems|no issues|not bad|works great|works well|worth"
    ),
    _WEAK: "沒問題 沒有問題 不差 不難 不貴 better|okay|fine|enjoy|works|work|worked|working",
}
# What looks like one of the above and says nothing, with what only asks or wishes.
_SILENT = (
    "好像 好久 好多 好幾 最好 剛好 正好 只好 好不容易 好意思 不好意思 你好 您好 好了 友好 好歹 好處 快遞 快要 盡快 "
    "儘快 趕快 愉快 問題是 請問 還可以 可以接受 還行 氣溫 氣密 天氣 空氣 暖氣 冷氣 氣泡 電氣 氣體 氣炸 濕氣 熱氣 "
    "口氣清新 除臭 少許 多少 至少 減少 不少 差額 差別 時差 差不多 價差 便宜行事 用很久 很久 用壞 慢慢 貴公司 貴司 "
    "貴店 "
    "would like|looks like|look like|feel like|as well|customer service|working days|work days|no longer|"
    "best before"
)
_NOT = (
    "不 沒 沒有 未 無 非 別 不是 並不 並不是 並沒有 不太 不怎麼 不算 稱不上 談不上 毫無 毫不 一點也不 一點都不 "
    "完全不 從不 從未 不夠 不會 不再 "
    "not|no|never|isn't|wasn't|aren't|weren't|don't|doesn't|didn't|won't|wouldn't|hasn't|haven't|hadn't|hardly|"
    "barely|without|neither|nor|isnt|wasnt|dont|doesnt|didnt|wont|lack of|far from|couldn't|shouldn't|ain't|nothing"
)
_MORE = (
    "很 非常 超 超級 太 真 真的 好 有夠 極 極度 相當 十分 特別 完全 根本 一直 總是 最 爆 "
    "very|really|so|too|extremely|absolutely|totally|completely|super|quite|always|such"
)
_WISH = (
    "希望 建議 期待 盼 請改善 應該要 要是 如果 但願 should|wish|hope|hoping|expected|expect|if only|could be|would be"
)


def _entries(text: str) -> list[str]:
    """Return the entries: between spaces in Chinese, between bars in English."""
    chinese, english = [], ""
    for word in text.split(" "):
        if word and not english and not word[0].isascii():
            chinese.append(word)
        elif word or english:
            english += f" {word}" if english else word
    return [*chinese, *(part.strip() for part in english.split("|") if part.strip())]


def _weighed(words: Mapping[float, str], sign: int) -> dict[str, float]:
    return {entry: sign * weight for weight, text in words.items() for entry in _entries(text)}


FEELINGS: Mapping[str, float] = {**_weighed(_NEGATIVE, -1), **_weighed(_POSITIVE, 1)}
"""What a word says: below zero bad, above good; 2 is strong, a half weak."""
SILENT = frozenset(_entries(_SILENT))
NOT = frozenset(_entries(_NOT))
MORE = frozenset(_entries(_MORE))
WISH = frozenset(_entries(_WISH))
BARE_GOOD = "好"
"""Good, where a negation or a degree stands right before it; a degree itself, where a feeling follows."""
FAILS = r"[連打開充關裝用吸擦收找聽修洗轉動退聯絡]不[上開到了動起掉好進出緊乾]"
"""A verb with what it does not come to: 連不上, 打不開, 收不到."""
