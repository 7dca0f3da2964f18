"""What people in Taiwanese offices and shops call the same thing: 報帳, 報銷, 核銷, 請款, "expense claim".

General knowledge of how people speak, not of any company: what a window is for, its own examples say. A line, with the
indented ones below it, holds the names of one thing, the first of which stands for it; a name may be in several lines.
English words are stemmed. The names for the index of documents are another matter (``rag_core.search.everyday``): there
特休 has to become the law's 特別休假; here 加班 and 加班費 have to stay apart.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from bots.conversations.intents.lexicon_work import GOODS, MACHINES, PLANT, WORK
from rag_core.search.terms import fold, word_term

_ENGLISH = re.compile(r"[a-z]+(?:['’][a-z]+)*")
_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])")

_BROADER = """
假別、特休、年假、病假、事假、喪假、婚假、產假、陪產假、陪產檢、產檢假、生理假、家庭照顧假、公假、公傷假、公傷病假、
  生日假、志工假、補休、育嬰假、sick leave、annual leave、personal leave、parental leave、pto、vacation、
  comp leave、maternity leave、paternity leave
資訊設備、電腦、筆電、桌機、印表機、影印機、事務機、螢幕、鍵盤、滑鼠、耳機、網路、wifi、vpn、outlook、teams、erp、
  帳號、密碼、信箱、系統、軟體、pc、laptop、computer、printer、monitor、keyboard、mouse、internet、email、掃描器、
  電話機、網路線、伺服器、server、excel、電話、投影機、麥克風、視訊、app、word、scanner
可借的、會議室、投影機、公務車、備用筆電、相機、meeting room、conference room、projector、company car、公司車、
  備用機、訓練教室、spare laptop、車輛、設備、器材、單槍、loaner laptop、資源
花費、計程車、高鐵、停車費、油錢、住宿、住宿費、飯店、餐費、便當、機票、車票、聚餐、吃飯、過路費、書籍、買書、
  請客戶、交際費、加油、taxi、hotel、meal、parking、train ticket、lunch、uber、影印費、郵資、運費、文具、車錢、
  台鐵、火車、捷運、交通費、誤餐費、膳雜費、dinner、flight
採購物、螢幕、鍵盤、滑鼠、耳機、椅子、桌子、白板、影印紙、碳粉、文具、標籤紙、硬碟、記憶體、筆、紙箱、工具、儀器、
  手套、安全鞋、安全帽、電池、掃描器、示波器、chair、desk、paper、toner、pens、label printer、monitor、helmet、
  gloves、tool、supplies、膠帶、燈泡、打印機、標籤機、平板、相機、冰箱、咖啡機、延長線、usb
商品、除濕機、清淨機、空氣清淨機、循環扇、電風扇、風扇、水氧機、冷氣機、烤箱、電暖器、移動式冷氣、加濕器、快煮壺、
  dehumidifier、air purifier、purifier、fan、portable ac、kettle、heater、濾網、機器、這台、那台、model、型號、
  機種、產品、product
部門、業務部、桃園廠、研發部、資訊部、人資部、財務部、管理部、客服部、總經理室、人資、會計、法務、資安、品保、倉庫、
  採購、業務、客服、資訊、財務、行政、總務、生管、hr、finance、marketing、行銷、legal、accounting、warehouse、公關、
  櫃台、警衛、it
問題、漏水、異音、噪音、離線、故障、滲水、燒焦、冒煙、破損、刮傷、缺件、延遲、瑕疵、noise、leak、broken、壞掉、
  閃退、斷線、不良、bug
人手、派人、找人、叫人、請人、安排人、指派、分派、派給、交給、交代、交辦、派工、assign、someone、delegate
"""

_LEAVE = """
請假、告假、休假、放假、假單、請個假、請一天、請半天、休一天、休半天、休息一天、想休、要休、take off、taking off、
  day off、days off、time off、be off、out of office、ooo、request leave、apply for leave、take leave、on leave、
  不進公司、不能上班、沒辦法上班、不克上班、沒辦法進公司、晚點進公司、請兩天、請三天、請兩小時、請一小時、請下午、
  請上午、請明天、請今天、請後天、請下週、今天不去、沒辦法去、不能去公司、回家休息、先回家、早走、提早走、提早下班、
  想休息、今天不上班、take a day、half day off、won't be in、not coming in、家裡臨時有事、休個、out today、
  not feeling well、can't make it、先離開、休禮拜五、休週五、帶媽媽、陪家人、家人住院、請三小時、請一個下午、晚到、
  請個、休息
特休、特休假、特別休假、年假、年休、annual leave、pto、vacation、vacation day
病假、sick leave、sick day、call in sick、請病、calling in sick
生病、身體不舒服、發燒、感冒、拉肚子、頭痛、看醫生、看病、去醫院、確診、腸胃炎、不舒服、sick、fever、doctor、住院、
  流感、牙醫、回診、不太舒服、肚子痛、牙痛、受傷了、打預防針、預防針、照胃鏡、開刀、手術、dentist、unwell、flu、
  headache、surgery、migraine、頭暈、feel well、feeling well、喉嚨痛、過敏、發炎、診所、健康檢查、打疫苗、疫苗
事假、personal leave、私事、家裡有事、有事要處理、搬家、辦事情、辦點事、處理私事、去銀行、回南部、回老家、有點事、
  家裡的事
喪假、告別式、過世、奔喪、funeral leave、bereavement、出殯
婚假、結婚、marriage leave、wedding、登記結婚
產假、產檢、陪產、陪產假、產檢假、陪產檢、育嬰、生小孩、maternity、paternity、parental leave、育嬰留停
生理假、經期、月經、menstrual
家庭照顧假、照顧小孩、顧小孩、帶小孩、小孩生病、小孩發燒、family care、接小孩
公假、official leave、教召、教育召集
公傷假、公傷病假、工傷、職災、injury leave
生日假、志工假、birthday leave、volunteer leave
補休、換休、補假、comp day、comp time、comp leave、compensatory leave、time off in lieu
假、假別、leave
特休天數、休假天數、假期、剩餘假期、假期餘額、特休餘額、leave balance、休假餘額
代理人、職務代理人、代理、deputy、cover for me
遞延、累積到明年、carry over、結轉
扣薪、扣錢、被扣、扣多少、deducted、docked
"""

_HOURS = """
加班、ot、overtime、work late、working late、留下來趕、趕工、留晚一點、晚點下班、加個班、待到、做到晚上、留到、
  stay late、加班單、週末上班、假日上班、假日出勤、趕進度、進公司加班、加到、還在公司、多做、多做了、多待、留下來、
  假日來、多上、stay till、staying、worked extra、extra hours、working on saturday、work on saturday、
  work this weekend、忙到、弄到、搞到、做到十、很晚才走、到快、晚走、值班、出勤加班、夜間加班、加班時數
加班費、overtime pay、加班工資
打卡、打個卡、簽到、簽退、刷卡、刷個卡、clock in、clock out、clock me in、clock me out、check in、check out、
  punch in、punch out、上班卡、下班卡、打上班卡、打下班卡、打上班、打下班、線上打卡、上班打卡、下班打卡、報到一下、
  到公司惹、抵達公司、打到班、打一下卡、start my shift、end my shift、打卡上班、打卡下班、刷退、clock、punch
漏打卡、忘打卡、忘記打卡、忘了打卡、忘刷、忘記刷、忘了刷、沒打到卡、沒打卡、沒刷到、沒刷卡、漏刷、缺卡、補打卡、
  補卡、補刷、補登打卡、忘刷卡、漏打、忘打、沒打到、卡沒打、沒感應到、forgot to clock、forgot to punch、
  missed punch、missed clock、missed my clock、沒有打到卡、沒打上班、沒打下班、補打、打卡機、刷卡機、沒感應、
  感應不到、忘了簽、忘記簽、didn't clock、did not clock、forgot to check
忘記、忘了、漏掉、忘、沒注意、forgot、forgotten、missed
補登、補填、補、補申請、補上、make up for
出勤、出缺勤、考勤、出勤紀錄、打卡紀錄、出勤狀況、差勤、刷卡紀錄、打卡時間、attendance、time sheet record、
  clock record、punch record、clock-in record、出勤表、到班、幾點到、幾點走、幾點上班、幾點下班、幾點到公司、
  幾點離開、幾點打卡、幾點刷、幾點進公司、what time did i、打卡成功、有打到、打到卡、有沒有刷到、刷成功、
  clock in go through、幾點來、幾點回、上下班紀錄、打卡明細、打卡有沒有、到班紀錄
遲到、早退、曠職、缺勤、late arrival、being late、late
上班時間、工時、working hours、彈性上班、上下班時間、office hours
上班、到公司、到班、進公司了、開工、start work、at work、arrived
下班、離開公司、收工、回家了、leaving work、off work、get off work
在家上班、居家辦公、遠距、wfh、work from home、working from home、remote work、居家、在家工作、在家
外勤、跑外面、在客戶那邊、off site、on site
班表、排班、輪班、調班、換班、shift
"""

_PEOPLE = """
課程、課、上課、訓練課、開課、教育訓練、訓練、內訓、外訓、研習、講座、研討會、工作坊、培訓、course、training、
  class、workshop、seminar、線上課、線上課程、進修、訓練課程、受訓、上什麼課、學習、內部訓練、外部訓練、訓練營、
  認證班、證照班、研討、講習、進階班、初階班、基礎班、研習營、演講、證照課、教學課、e-learning、線上學習
報名、報課、參加、加入、sign up、sign me up、signed up、enroll、enrol、register for、join、attend、想上、我要上、
  要去上、幫我登記、去上、我想上、想學、要學、想聽、去聽、想去上、想去聽、補報名、搶
名額、還有位子、還收人嗎、額滿、seat、有位置、缺額
課表、課程表、開課表、課程清單、course list、有什麼課、有哪些課、course schedule、開什麼課、開哪些課、
  training calendar、訓練安排、安排什麼課、training schedule、內訓安排、上課時間
履歷、學經歷、經歷、年資、到職日、個人資料、人事資料、職涯、resume、cv、學歷、職務異動、調動紀錄、work history、
  work experience、education、人事紀錄、員工資料、我的資料、個人檔案、基本資料、到職日期、什麼時候到職、
  employee record、employee file、my record、profile、personnel、服務年資、學歷資料、哪一天到職、哪天到職、個資、
  我的職稱、職稱、我的主管是、員編、員工編號
證照、證書、執照、資格證、certificate、certification、license、訓練紀錄、受訓紀錄、上過的課、上過什麼課、
  上過哪些課、training record、training history、訓練時數、受過什麼訓、受訓的紀錄、受訓、上課紀錄、修過
薪水、薪資、工資、月薪、salary、wage、pay slip、薪資單、發薪、發薪日、底薪
加薪、調薪、升職、升遷、晉升、raise my salary、pay raise、promotion、升官
離職、辭職、resign、quit、資遣、退休、解僱
面試、應徵、徵才、工讀生、職缺、找工作、job opening、hiring、缺人、招人
年終、獎金、分紅、bonus、三節、全勤
考績、考核、績效、performance review
勞保、健保、團保、insurance、保險
福利、補貼、旅遊補助、補助、津貼、健檢、尾牙、員工旅遊、benefit、生日禮金、禮金
新人、報到、到職、試用期、new hire、probation
主管、老闆、經理、上司、課長、處長、組長、廠長、總經理、manager、boss、supervisor
同事、同仁、colleague、coworker
"""

_MONEY = """
報帳、報支、報銷、核銷、請款、費用報支、報公帳、報個帳、申請費用、報費用、費用申請、費用單、報帳單、報支單、請款單、
  expense、expenses、expense claim、expense report、reimburse、reimbursement、claim、claim back、get reimbursed、
  get the money back、報的帳、報的錢、報費、申報費用、領回、拿回來、跟公司拿、跟公司申請、跟公司請款、公司要還我、
  還我錢、paid out of pocket、out of pocket、報交通費、報車錢、報計程車、報停車費、報住宿、報餐費、申請報、公帳、
  報銷單、領錢回來、跟會計報、拿錢、報出差、核銷單、報個費用、報這筆、報掉、可以報、申請補助款、submit receipts、
  cover my
報一下、幫我報、幫報、要報、來報、報個、想報、報給公司
代墊、墊錢、先墊、我先付、先付了、自己付、自己出、自掏腰包、我刷卡付、花了、我出的、墊了、墊的、paid for、i paid、
  刷我的卡、先出、先幫公司付、我付的、my own money、先刷、個人先出、私人先付、先刷卡、自付
發票、收據、單據、憑證、車票、票根、receipt、invoice、明細單
統編、統一編號、三聯、三聯發票、二聯、電子發票
計程車、小黃、uber、taxi、cab、高鐵、台鐵、火車、捷運、車票、車錢、車資、交通費、停車費、過路費、油錢、油資、加油、
  etag、機票、機場接送、里程、parking、train ticket、flight、mileage、gas、high speed rail、hsr、搭車、坐車、客運、
  租車
住宿、住宿費、飯店、旅館、民宿、hotel、lodging、accommodation、住一晚、住飯店、房錢、住兩晚、住了、一晚、飯店錢、
  住多少錢、旅宿、motel、airbnb、室友
餐費、膳雜費、膳費、便當、吃飯、午餐、晚餐、早餐、聚餐、請客、飲料、誤餐費、交際費、宴客、請客戶、餐敘、咖啡、meal、
  lunch、dinner、breakfast、per diem、下午茶、日支費、雜費
買書、書籍、書錢、book cost、參考書
出差、差旅、business trip、travel expense、travel、去拜訪、跑客戶、差旅費、出差費、公出
請購、採購、採購單、請購單、購置、添購、申購、下單買、進貨、訂購、purchase request、purchase requisition、
  purchase order、pr、po、procurement、purchase、採買、請買、請採購、走採購、開請購、叫貨、叫料、補貨、加購、購買、
  buy、buying、order some、走流程、請公司買、買給我們、下po、開pr、叫、訂一批、訂幾個、進一批、order more、
  stock up、get some、get new、need new、we are out of、沒了要買、用完了要買、缺、用完、快沒了、沒有了、添、換新的、
  補買、訂一些、需要一批、請總務買
買、想買、要買、買個、買一、買兩、買幾、買新的、幫買、需要買、要添
報價、三家報價、比價、議價、quote、quotation、廠商報價、估價
供應商、廠商、vendor、supplier
簽核、簽到哪、簽過、簽了、簽完、送簽、簽、核准、批准、核可、批、簽呈、請簽、簽單、approved、approval、approve、
  sign off、sign-off、signed、過了沒、有沒有過、過了嗎、准了、批了、被退、退件、駁回、退回、rejected、審核通過、
  批下來、簽下來、核下來、pending approval、誰還沒簽、還沒簽、核了、核好、簽好、簽下來了沒、核、准、sign、主管簽、
  財務簽、簽過了、審完、審過、has it been approved、go through、gone through
卡在誰、卡在哪、卡住、卡關、停在、在誰那、在誰手上、到誰那、哪一關、跑到哪、走到哪、送到哪、stuck、whose desk、
  where is it、卡在、走到哪裡、到哪一關、在誰手、誰手上、誰那邊、誰那裡、在誰、審到哪裡、審到哪、跑到誰、誰在簽、
  在誰手裡、誰在審、到哪裡了
撥款、入帳、匯款、撥下來、錢下來、領到錢、匯給我、進戶頭、付款了、paid out、payout、錢什麼時候、撥了、匯了、拿到錢、
  下來、get paid back、wire、付我、還我、還沒進來、沒進來、進來了沒、匯進來、匯款了、補錢、退給我、paid、pay me、
  transfer、reimbursed yet、下來沒、下來了、下來了沒、何時付、什麼時候付、匯款時間、還沒拿到
送出去的單、送的單、我送的、我提的、送出的單、遞的單、我的單子、那張單、單子、申請單、表單、my request、my claim、
  my form、my submission、草稿、送件、請簽紀錄、簽核紀錄、申請紀錄、draft
上限、最多、額度、標準、限額、最高、limit、cap、maximum、ceiling、allowance、max、可以報多少、能報多少、報多少、
  坐商務艙、商務艙、商務車廂、可以坐、能坐、能住、可以住、能花多少、可以花多少、報幾塊、報多少錢、一天多少
職等、職級、級別、grade、職等表、job level
預算、經費、部門的錢、部門費用、可以花、能花、還能花、budget、執行率、預算餘額、可用預算、budgets、花費狀況、超支、
  錢還剩、budget left、花了多少、用到哪、用掉多少、剩幾成、還有錢、夠不夠、還夠
付款、貨款、帳單、對帳、payment、付錢、結帳
稅、營業稅、扣繳、tax
"""


@cache
def concepts() -> Mapping[str, tuple[str, ...]]:
    """Return the table: the name of a thing, as ``plain`` has it → what it may stand for, mostly one."""
    found: dict[str, dict[str, None]] = {}
    for line in _lines():
        names = [plain(name) for name in line.split("、")]
        for name in names:
            found.setdefault(name, {})[f"={names[0]}"] = None
    return {name: tuple(meant) for name, meant in found.items()}


def plain(text: str) -> str:
    """Return the text folded, its English words stemmed and parted by blanks: clocking-in → clock in."""
    return _ENGLISH.sub(lambda word: word_term(word[0]), _HYPHEN.sub(" ", fold(text)))


def _lines() -> Iterator[str]:
    for part in (_BROADER, _LEAVE, _HOURS, _PEOPLE, _MONEY, WORK, MACHINES, PLANT, GOODS):
        yield from filter(None, part.replace("\n  ", "").split("\n"))
