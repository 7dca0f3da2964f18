"""What nobody should take for a look-up or a form: questions about the very things that forms are for, and chatter.

General ways to ask and to chat, not a company's questions.
"""


def _texts(block: str) -> tuple[str, ...]:
    return tuple(text.strip() for line in block.strip().split("\n") for text in line.split("|"))


ABOUT = _texts("""
{}怎麼算？ | {}的規定是什麼 | {}要怎麼申請？ | {}是什麼意思 | {}可以延期嗎 | {}要附什麼證明
{}最晚什麼時候要送？ | {}會被扣錢嗎 | {}要誰核准 | {}超過期限怎麼辦 | {}多久會好？ | 什麼情況可以{} | {}有幾天？
{}跟一般的差在哪 | {}一定要事先申請嗎 | 誰可以{}？
""")
"""Questions about a thing; ``{}`` stands for what it is called."""

ABOUT_EN = _texts("""
how does {} work? | what is the policy on {} | can I still do {} after the deadline? | who has to approve {}?
do I need {}? | how long does {} take?
""")

CHATTER = _texts("""
你好 | 哈囉 在嗎 | 早安 | 有人在嗎 | 你是誰 | 你是機器人嗎 | 謝謝你 | 好的 收到 | 了解 | 沒事了 | 不用了謝謝
嗯嗯 | 哈哈哈 | 測試 | 123 | ??? | 。。。 | 講個笑話 | 今天天氣如何 | 明天會下雨嗎 | 你喜歡什麼 | 唱歌給我聽
推薦午餐 | 附近有什麼好吃的 | 現在幾點 | 今天星期幾 | 股價多少 | 幫我翻譯這段英文 | 寫一首詩 | 我心情不好
好累喔 | 老闆很機車 | 我想加薪 | 中午吃什麼 | hello | hi there | are you a bot? | thanks! | ok | never mind
tell me a joke | what's the weather like | who are you | what time is it | good morning | test | how are you
I'm bored | translate this for me | 幫我訂便當 | 幫我叫飲料 | 放音樂 | 買樂透 | 下班去哪玩 | 你覺得呢 | 怎麼辦
為什麼 | 可以嗎 | 是喔 | 真的假的 | 不知道 | 等一下 | 沒聽懂 | 說清楚一點 | 你很笨 | 隔壁公司的福利好嗎
聽說要裁員 | 公司什麼時候成立的 | 老闆是哪裡人 | 總公司在哪裡 | 我們公司有幾個人 | 有無障礙廁所嗎 | 幫我寫作業
幫我跟主管請命 | 幫我倒杯水 | 幫我買咖啡 | 幫我訂高鐵票 | 幫我罵他 | 我要跟總經理說話 | 轉真人 | 找真人客服
""")

ASKED = _texts("""
這個規定從什麼時候開始？ | 這樣可以嗎 | 要準備哪些資料 | 需要附證明文件嗎 | 超過三天要怎麼處理 | 沒有單據怎麼辦
最多可以幾次 | 新人也可以嗎 | 試用期有嗎 | 可以不去嗎 | 沒做會怎樣 | 會不會影響考績 | 有沒有期限
算不算上班時間 | 要不要扣薪水 | 等級怎麼分 | 為什麼要這樣規定 | 流程是什麼 | 多久會處理好 | 要寄到哪裡
需要主管同意嗎 | 可以用手機弄嗎 | 這代表什麼意思 | 怎麼設定 | 要怎麼清潔 | 多久要換一次 | 燈號一直閃是什麼意思
有什麼差別 | 哪一種比較好 | 怎麼連線 | 要怎麼關掉 | 可以退嗎 | 要自己付嗎 | 有附發票嗎 | 送貨要幾天 | 外島有送嗎
可以刷卡嗎 | 有分期嗎 | 退款什麼時候會到 | 保固內要收費嗎 | 請問要多久 | 請問要找誰簽 | 幾歲可以退休
一年有幾天 | 沒休完怎麼辦 | 薪水怎麼算 | 要提前幾天說 | 家人也可以用嗎 | 打錯了可以改嗎 | 被退回怎麼辦
可以補送嗎 | is there a deadline? | do I need a receipt? | what happens if I forget? | how do I set it up?
can I bring my own? | how long does it take? | what does the red light mean? | how often should it be cleaned?
is it allowed? | do contractors get it too? | what if it's over the limit? | why was it rejected?
how is it calculated? | can I return it? | do you deliver abroad? | who do I ask? | what documents are needed?
""")
"""Questions that name no thing at all."""

ABOUT_WORK = _texts("""
病假扣薪? | 請假三天以上要附什麼 | 特休沒休完會折現還是直接歸零 | 如果請假當天剛好颱風停班 那天還算我請掉嗎
聽說生理假不算進病假是真的嗎 | 婚假ㄧ定要一次休完ㄇ | 臨時發燒來不及先報備 事後補假單行不行
請家假的時候找不到職代怎麼半 | 到職滿半年會多幾天特休 怎麼認定 | 特休是用曆年制還是週年制
剩餘天數裡面有沒有包含還沒核准的假 | 離職前假沒用完公司要付錢嗎 | 補休的期限是從加班那天起算嗎
留停期間特休還會累積ㄇ | 兼職人員的特休是照比例給嗎 | 特修遞延要不要簽同意書 | 加班費怎算
假日加班不到四小時算幾小時 | 沒有事先報備的加班到底認不認 | 晚上在家回訊息這樣算加班嗎
主管不簽加班單 那我做白工喔? | 為什麼加班要先打卡下班再打一次 | 值班根加班有差嗎 | 加班餐費要超過幾點才有ㄚ
新人訓練沒上完會影響轉正嗎 | 報名了臨時不能去要多久前取消 | 上課算工時嗎 | 聽說受訓完要綁約是真的假的
證照考沒過可以再補助一次嗎 | 沒有達到訓練時數會怎樣 | 週末上課可以換補休ㄇ | 缺課幾堂算沒結訊 | 必修跟選修是誰決定的
哪些職務每年要回訓 | 講師是內部同事還是外面請的 | 實體課跟線上課的時數認定一樣嗎 | 為什麼有些課只開給主管
課後測驗幾分才算過啊 | 共通課程根專業課程差再哪 | 遲到幾分鐘內不算遲到 | 彈性上班最晚幾點要到
手機打卡一定要開定位喔 | 責任制的人為什麼也要打卡 | 提早到公司打卡 多出來的時間會算嗎
外勤直接去客戶那邊要怎麼算上班 | 連到公司wifi才能打卡是ㄇ | 大卡範圍是離公司幾公尺內 | 忘刷卡一個月可以補幾次
補登要在幾天內完成 | 忘記打下班卡會被當曠職嗎 | 補打卡需要找人作證嗎 | 漏刷會不會扣全勤
聽說補三次就要寫報告 有這回事嗎 | 不打卡的正當理由有哪些阿 | 曠職半天怎麼扣薪 | 全勤獎金是怎麼判定的
出勤異常是什麼意思 系統怎麼抓的 | 早退跟請事假哪個比較傷 | 遲到會影響年終嗎 | 早上遲到晚上補回來這樣可以抵嗎
連續曠職幾天會被開除 | 請病假算不算缺情 | 個人資料搬家了沒更新會怎樣 | 年資是從試用期第一天算還是轉正那天
轉調部門後職等會跟著變嗎 | 在職證明一般多久會下來 | 眷屬健保要什麼條件才能加 | 為什麼人事資料要填緊急聯絡人
主管看得到我的哪些資料 | 考機等第是怎麼分ㄉ | 沒有發票只有收據這樣能報嗎 | 統編打錯的發票還可以用嗎
報帳最晚隔幾個月還收 | 自己開車去客戶那裡 油錢怎麼算 | 發票弄丟了 有什麼辦法可以補救 | 高鐵坐商務車廂的差額誰出
出差住朋友家可以領住宿補助嗎 | 抱帳要黏憑正正本嗎 | 報支核准後大概多久會入帳 | 被會計退件通常是什麼原因
「待覆核」跟「待簽核」差在哪 | 送出之後還可以改金額嗎 | 簽核卡在請假的主管那關怎麼辦 | 為什麼小額也要簽到部門主管
已經核准的單可以作廢嗎 | 退見之後要整張重寫還是改一改就好 | 急件可以先買再補單嗎 | 可不可以自己上網買再報帳
請購跟採購是差在哪裡 | 為什麼文具也要走請購這麼麻煩 | 拆成兩張單避開金額門檻會被抓嗎 | 請購單誰要會簽ㄋ
新供應商要先過什麼審何 | 預算沒用完年底會被收回嗎 | 預算超支要寫什麼說明 | 部門之間可以互相挪預算嗎
資本支出跟費用預算怎麼分 | 專案追加預算要簽到哪一層 | 聽說今年預算要砍一成是真的嗎 | 為什麼教育訓練的預算歸人資管
預算科目選錯ㄌ可以改嗎 | 核決權限是看含稅還是未稅 | 超過額度的部分是自己吸收嗎 | 國內出差跟國外出差的標準為什麼不同
額度是每個月重算還是累計 | 協理不在 代理人的簽核權限一樣大嗎 | 特殊情況可以申請超過標準嗎
試用期的人住宿標準會比較低ㄇ | VPN 怎麼設定 | 密碼多久要換一次 | 離職員工的帳號什麼時候會停掉
可以在公司電腦裝自己的軟體嗎 | 手機換新 驗證碼App要怎麼搬過去 | 為什麼不能用隨身碟啦
Mac 可以連公司印表機嗎 步驟是什麼 | 外包人員可以給公司信箱嗎 | 筆電用幾年可以換新ㄉ | 人為摔壞要自己賠嗎
報修之後幾天內會有人來看 | 冷氣漏水歸總務還是大樓管理 | 過保的設備修理費從哪個部門出 | 自己先拆開來修會不會有責任
修不好要報廢的話流程怎麼跑 | 保養合約有包零件嗎 | 機台停機多久才算種大故障 | 會議室最多可以提前多久預約
借了沒去會被記點嗎 | 會議開超過時間 後面的人怎麼辦 | 週末借場地冷氣有開嗎 | 重複預約同一間可以設每週固定嗎
為什麼有些會議室要主管才能借 | 視訊鏡頭怎麼接到自己的筆電 | 取消預約要在多久之前ㄚ | 公司車可以開去私人行程嗎
借公務車罰單誰繳 | 投影機可不可以借回家 | 逾期沒還設備會怎麼罰 | 借測試儀器要先受訓嗎 | 借用人跟使用人不同可以嗎
相機電池要自己充好再還ㄇ | 攜出廠區的設備要不要放行調 | 交辦事項逾期會通知主管嗎 | 別人派給我的待辦可以拒絕嗎
待辦的優先順序是怎麼定的 | 高、中、低三個等級差在哪 | 做完的待辦會保留多久 | 可不可以指派給別的部門的人
離職交接時沒做完的事項歸誰 | 待辦跟專案任務是同一種東西嗎 | 設了期限對方沒做 責任算誰的 | 設計審查要準備哪些文件
審查沒過可以再送幾次 | 誰有資格當審查委員 | 有條件通過是什麼意思 | 審查意見一定要全部回覆嗎
審查人同時是作者這樣算不算球員兼裁判 | 文件審閱一般給幾個工作天 | 省查結論跟主管意見不同以誰為準
工單開錯料號要怎麼作廢 | 重工要另開一張單還是沿用舊的 | 工單結案的條件有哪些 | 領料超過工單數量可以嗎
試產工單跟量產工單差在哪 | 為什麼報廢數要寫原因代碼 | 尾數不足一箱要怎麼結ㄋ | 工丹上的標準工時是怎麼來的
安全帽一定要戴嗎 只是經過而已 | 點檢項目打叉之後還能開機嗎 | 滅火器多久要檢查一次 | 堆高機要什麼證照才能開
動火作業要事先許可嗎 | 被機器夾到一點點小傷也要通報嗎 | 承攬商進廠要上幾小時的課 | 巡檢漏做一次會被罰ㄇ
上鎖掛牌是怎摸做的 | 日報一定要當天寫完嗎 | 工作日誌主管真的會看嗎 | 實驗紀錄寫錯可以塗改嗎
日誌要寫多細 有範例可以參考嗎 | 現場日報跟交班紀錄可以寫同一份嗎 | 為什麼寫了日報還要寫週報 | 日抱遲交算不算缺失
客訴幾天內要回覆客人 | 申訴會不會被主管知道是誰 | 性騷擾申訴的處理程序是怎樣 | 嚴重客訴是看什麼標準
客人要求賠償 第一線可以答應嗎 | 申訴結果不服還能再申訴嗎 | 被客人罵髒話可以掛電話ㄇ | 奧客一直來鬧有沒有黑名單製度
分機外線要怎麼轉接 | 代理人名單多久更新一次 | 職稱後面的英文縮寫是什麼意思 | 同事的手機號碼可以給客戶嗎
新人幾天後通訊錄才會出現名字 | 部門代碼是照什麼編的 | 對外窗口換人要通知哪些單位 | 越級找主管會不會失禮 公司有規定嗎
知識庫的文章誰可以寫 | 寫KM有獎金嗎 | 文件版本衝突以哪一版為準 | 機密文件可以截圖傳給同事嗎 | 過期的SOP還可以參考嗎
文件分級的「限閱」是指什麼 | 可以把公司文件丟給ChatGPT翻譯嗎 | KM文章被退稿ㄌ是為什麼 | 良率是怎麼算出來的
警報黃色跟紅色差在哪 | 誤報太多可以調門檻嗎 | 達成率低於多少要開檢討會 | 稼動率跟OEE有什麼不一樣
告警響了沒人理會自動升級嗎 | 專案延期要跟誰報告 要寫變更單嗎 | 里程碑改日期需要客戶同意嗎 | 專案結案後還可以報工時嗎
研發樣品可以帶出公司嗎 | 職務上的發明專利算誰的 | 開源套件可以直接用在產品裡嗎 授權怎麼看 | 實驗室晚上可以一個人待嗎
誰可以終只一個研發案 | 入庫數跟報工數對不起來要以哪個為準 | 為什麼排程每天都在改 有規則嗎 | 重工的數量會不會算進產出
不良率超標要先停線還是先通報 | 警報可以先按靜音嗎 會不會違規 | 同一個告警一直跳 要不要每次都按確認
半夜的警報是值班的要處理還是等早班 | 感測器多久要較正ㄧ次 | 專案預算剩的錢可以拿去聚餐嗎
專案成員臨時被調走要走什麼流程 | 研發記錄簿要找人見證簽名嗎 | 燈一直閃是壞了嗎 | 藍牙連不上要怎麼重設
第一次用要先充滿電嗎 | 濾網可以水洗嗎 還是要整個換掉 | 機器發出嗡嗡聲正常嗎 | 插著充電可以同時用嗎
說明書不見了 要怎麼還原原廠設定 | 小孩誤按有兒童鎖嗎 怎麼開 | 出國用要變壓器ㄇ | 螢幕出現錯誤代碼是什麼億思
防水等級IPX4跟IPX7差在哪 | 舊款的配件可以裝在新款上ㄇ | 運費怎麼算 滿多少免運 | 拆封試用過還能退嗎
七天鑑賞期是從出貨還是收到那天算 | 收到的時候外箱破了怎麼辦 要先拍照嗎 | 發票要改打統編來得及嗎
分期零利率有限哪幾家銀行 | 下單後還可以改地址嗎 | 退貨的運費是我出還是你們出 | 預購的東西可以跟現貨一起寄ㄇ
退款為什麼會少一點前 | 二手買來的可以轉移保古嗎 | 訂單顯示「處理中」是什麼意思 | 下單後多久以內可以取消
合併兩張訂單可以只付一次運費嗎 | 昨天加班到好累 | 隔壁部門都不用打卡 | 我在別家買的耳機三天就壞了 氣死
台積電的分紅好香喔 | 聽說Google員工可以帶狗上班 | 好想請一年的假去環島 | 我老公公司報帳都不用發票
昨天那堂課超無聊我差點睡著 | 今天差點又忘記打卡 還好警衛提醒我 | 我朋友在鴻海每天加班到十點 | 全聯的客服態度真的很差
上次健檢那個護理師好溫柔 | 每次颱風都在假日來 嘔嘔嘔 | 主管今天心情好像很好 | 投影機那個年代的古董還在用 笑死
寫日報寫到懷疑人生 | 希望公司哪天改成週休三日 | 如果加班費可以直接變成黃金就好了 | 同事請假去日本一直發限動
蝦皮昨天寄來的東西包得好爛 | 堆高機師傅今天唱了一早上的歌 | 我媽問我怎麼都不請假
預算會議開了四個小時 我人已經不在了 | 新筆電好輕喔 開心 | 好羨慕聯發科的員工 | 那個奧客終於走了 呼
剛剛警報響嚇我一跳 原來是演習 | 專案終於上線了 撒花 | 我覺得安全帽戴起來好醜 | 中華電信的師傅說明天才會來我家
Costco退貨超爽快的 什麼都能退 | 考績這種東西就是看緣分啦 | 採購大哥殺價真的有一套 | 我家的冷氣也壞了 今年是怎樣
補休補到天荒地老 | 長榮航空的年終聽說很多個月 | 下輩子我要當特休 | 為什麼星期一離星期五那麼遠
昨天夢到我忘記打卡被老闆追殺 | 待辦事項比我的人生還長 | 我的請假單應該可以集成一本書了 | 會議室永遠被業務部霸佔
大家都說IT是神 | 我先生的公務車是特斯拉欸 | 前公司連文具都要自己買 | 幫我把星期一刪掉 | 好想在海邊開會喔
真想一路放假放到退休 | 要是公司有賣時光機就好了 | 這天氣真的應該有人管一管 | 訂單編號香蕉 數量月亮
加班加班加加班班加 | 假假假打卡打打打 | 會議室是圓的所以報帳會飛 | ㄅㄅㄅ加班ㄅ | 打卡asdf請假qwer
今天工安宣導的影片好血腥 | 上一個訪客把公司車叫成校車 | 我同學在華碩做維修的 | momo這次到貨超快
實驗室的味道又飄出來了 | 以前在工廠做工單都用手寫的 時代變了 | 他請病假結果被拍到在釣魚 哈哈
can I take half a day of sick leave without a doctor's note? | does unused annual leave roll over?
is marriage leave counted in calendar days or working days
what if I get sick while I'm already on vacation
how much notice do you have to give for a long leave | ot pay on national holidays how much
does travelling count as overtime | comp time or money, which one is better for me?
who signs off on weekend OT if my boss is away | is training time paid?
do I have to pay back the course fee if I quit
what's the difference between mandatory and optional courses
how many minutes late is actually late | do remote ppl need to clock in
how many times a month can you fix a missed punch | will forgetting to punch out affect my bonus
why does everyone have to punch in even managers | taxi receipts ok or not?
which exchange rate applies to overseas receipts | can I expense a dinner with a client's family
I lost the invoice, is it still reimbursable?
how long after approval does reimbursement usually hit the bank
what does "returned for revision" mean on a claim | how many quotes are needed for a big purchase
can we buy first and do the paperwork later | does unspent budget carry into next year
are approval limits before or after tax | how to set up vpn on a mac | how often do passwords expire
is it ok to forward work mail to my gmail | am I allowed to install my own software
who pays if I drop the company laptop | can guests use the big meeting room
what happens if nobody shows up for a booked room
who pays the fine if I get a ticket in the company car | can I refuse a task someone assigned to me
how many reviewers does a change need before merging
what does a conditional pass mean in design review | when can a work order be closed
is a hard hat required just to walk through the shop floor | near miss 算不算要通報 | lockout tagout 是什麼
daily report 沒寫會怎樣 | OT 要先 approve 才算嗎 | WFH 那天要 clock in ㄇ | PO 跟 PR 差在哪
invoice 抬頭打錯可以重開嗎 | 我的 MFA 換手機要怎麼移 | KM 的 draft 別人看得到嗎 | code review 可以 self-approve 嗎
OEE 怎麼算的 | is an anonymous complaint really anonymous?
how fast must a customer complaint be answered | is it normal that it gets hot while charging
the light keeps blinking blue, is it broken? | do I need the original box to return something
warranty 要從買的那天算還是開通那天 | can I pay by installments with a foreign card
ugh worked till midnight again yesterday | the meeting room is freezing lol
my friend at Apple never has to clock in | wish we had unlimited vacation like Netflix
that training yesterday was so boring | my boss was on leave all week, so peaceful
Amazon refunded me in one day, wow | meetings on Mars would be quieter than this
Mondays should be illegal | can someone buy me a unicorn | 今天 meeting 開到想 die | 我前公司的 HR 超 nice
overtime overtime banana overtime | leave me alone haha | TSMC bonus 又上新聞了
the fire drill scared the hell out of me | finally done with that project, time for beer
隔壁 team 每天都 WFH 好羨慕 | IKEA 的 delivery 每次都遲到 | my todo list is longer than my life
""")
"""What people in any office ask about rules, machines and orders, or say of them without wanting anything done."""
