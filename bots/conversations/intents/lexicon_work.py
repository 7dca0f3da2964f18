"""The second half of the table of ``lexicon``: office work and machines, the plant, development, the shop."""

WORK = """
待辦、待辦事項、代辦、代辦事項、to-do、to do、todo、to-do list、task list、my tasks、手上的事、還沒做、沒做完、
  要做的事、要做什麼事、工作清單、待處理、手上有什麼事、to-dos、todos、open tasks、on my plate、待辦清單、手邊的事、
  任務清單、欠什麼、還欠、沒做的、沒完成、未完成、該做、該做什麼、要交的、事情沒做、my to do、still have to do、
  need to do、assigned to me、to finish、還有幾項、幾件事、什麼沒做、什麼要做、幾項、作業
期限、到期、快到期、逾期、due、deadline、overdue、due soon、截止、過期
待審、等我審、等我簽、要我審、要我簽、待簽、待我核、要審、要審的、待審核、待簽核、等我核准、等我批、
  waiting for my approval、to approve、pending my、needs my approval、需要我審、我要審、要我核准、等著我簽、要簽的、
  to review、waiting for me、等我、審的、要批、待批、等我看、需要我簽、幾件要簽、sign for me、什麼要我簽、
  有什麼要簽、要我看、要我核、給我簽、等簽
送審、送審核、審查、審核、審一下、審閱、過目、review、請審、核可、送主管、給主管看、送給主管、請主管、送給經理、
  請經理、看過核可、幫我看過、sign off on、get approved、審稿、送核、覆核、approve this、send for review、
  for approval、need approval、for review、請你們核准、給經理核、要主管核、審文件、審、要審、送給法務、給法務看、
  簽一下、幫忙審、簽呈、呈給、呈核、呈主管、主任核准、老闆核准、主管核准、經理核准、sign off、signoff、
  approval from、okay from
文件、合約、草案、提案、簡報、文案、報告、企劃書、規格書、document、proposal、draft of、contract、slide、slides、
  報告書、稿子、計畫書、說明書、deck、企劃、手冊、稿、辦法、報價單、價目表、切結書、sheet、agreement、draft、spec、
  圖面、圖、設計圖、設計變更、變更
交辦、交代、交待、指派、分派、交派、丟給、派給、分配給、轉給、assign、assign to、delegate、請他做、請他處理、
  派任務、派個任務、交給、請他幫忙、叫他、give a task、開個任務、開任務、記成待辦、assign a task、create a task、
  add a task、remind、指給、發包、叫、請同事、派件事、派事情、派一件、提醒、盯、追、跟催、記得叫、指示、tell、ask、
  have someone、follow up with、get someone to、make sure、幫我記著、記著、幫我盯、寫完、整理一下、處理一下、
  弄一下、整理、記得、催、弄好、做好、完成它、to someone、請他、麻煩他、請她
派工、派工單、工單、work order、dispatch、派人、叫人、請人去、請人處理、請人來、派個人、找人去、要人去、派去、派員、
  work ticket、派一個人、請人、job order、派公、安排人、安排、找人、叫人補、叫人去、來個人、缺人手、支援、請設備、
  請工務、send someone、get someone、someone to、支援兩個、去看一下、來看一下、看一下機、跑一趟現場、調人、
  調兩個人、人手不足、上工
會議室、會議間、meeting room、conference room、大會議室、小會議室、開會的地方、場地、開會、會議空間、洽談室、
  meeting、討論室、room、訓練教室、教室、洽談、開會用、boardroom、hall、視訊會議室、會客室、a會議室、會議、會議廳、
  包廂、電話亭、小房間
投影機、攜帶式投影機、備用筆電、相機、麥克風、projector、camera、loaner laptop、spare laptop、單槍、簡報筆、攝影機、
  備用機、設備、器材、equipment、公用筆電、延長線、腳架、視訊設備、筆電借、白板、喇叭、錄影機、備品、電源、
  adapter for、tripod
公務車、公司車、車輛、派車、用車、車子、company car、pool car、vehicle、借車、公用車、訂車、van、car、廂型車、貨車、
  開車、公司的車、機車、truck、用公司車
預約、預訂、訂位、預定、預借、借、借用、訂、定一下、訂一下、佔、保留、借一下、book、booking、reserve、reservation、
  borrow、lend、預約一間、訂一間、借一台、借一間、租借、要用會議室、要用、block、hold、訂到、先佔、留一間、排一間、
  排、想用、登記借用、訂個、卡位、卡一下、喬、訂走、要一間、需要一間、用一下、拍照、借我
有空、空的、空檔、空著、借走、被借、被訂、被借走、借出去、可預約、可以預約、available、availability、free、
  有沒有人用、有人用、誰借、沒人用、借得到、佔用、還有空、vacant、使用狀況、預約狀況、借用狀況、有人開、有人用嗎、
  誰在用、在用、還有嗎、空會議室、空房、沒有人借、有沒有人借、被佔、被預約、open slots、who is using、who booked、
  anyone using、沒人、有沒有人、空著嗎、空嗎、空了嗎、誰訂了、誰訂的、誰借的、訂滿、滿了
通訊錄、分機、電話、聯絡方式、聯絡電話、電話號碼、手機號碼、聯繫方式、怎麼聯絡、連絡、聯絡誰、extension、ext、
  phone、phone number、phonebook、directory、contact、contact info、email address、信箱地址、mail address、
  幾號分機、公務手機、聯絡人、打給誰、分機幾號、分機表、how do i reach、reach、email of、phone extension、's email、
  mobile、電話簿、幾號、聯繫、打電話給、號碼、有誰、有哪些人、成員、的人、line id、call、contact person、
  get hold of、get in touch、reach out、dial、who works in、員工名單、人員名單、分機多少、手機、怎麼找到、找得到、
  打哪支、內線、mail、信箱多少、座位
誰負責、負責人、窗口是誰、是誰負責、找誰、哪位負責、誰在管、who is in charge、who's in charge、in charge of、
  responsible for、who handles、承辦、owner、是誰、哪一個部門的、哪個部門的、負責的人
知識庫、km、知識、手冊、教學、教學文件、操作手冊、操作說明、說明文件、文件庫、sop、wiki、knowledge base、manual、
  tutorial、how-to、guide、guides、資料庫文件、技術文件、使用手冊、教學檔、公告、文章、documentation、教材、
  教學影片、步驟文件、article、操作文件、docs、doc、驅動、安裝說明、how to、instruction、instructions、手順、
  操作步驟、怎麼操作的文件、文件在哪、教學在哪、說明書在哪、手冊在哪
紀錄、記錄、歷史、歷史紀錄、以前的、之前的、record、records、history、過去的、log of
搜尋、找、查、查詢、查一下、查看、調出、翻、搜一下、find、search、look up、look for、lookup、看一下、查查、找找、
  找一下、查個、調閱、幫我查、幫我找
清單、列表、一覽、列給我、列出、列一下、全部、名單、總表、list、all、列表給我、有哪些、哪些、show all、一覽表、
  overview
進度、狀況、狀態、到哪、做到哪、怎麼樣了、處理到哪、如何了、status、progress、進展、現況、到什麼程度、目前如何、
  跑到哪、處理得怎樣、update on、how is it going、好了沒、好了嗎、處理得怎麼樣、有結果、結果、下文、有消息、
  處理情形、後來怎麼處理、還沒處理、any news、any update、handled、怎麼樣、做完、delay、延誤、落後、延遲、delayed、
  late、how far、far along、解了沒、沒解、幾件沒、回了沒、有回、處理了沒、有人處理、處理好、有回覆、回覆了、
  handled yet、look into、looked into、開始處理、還在處理、做到、處理
剩、剩多少、還剩、剩下、還有多少、還有幾天、剩幾天、餘額、可用、用掉、用了幾天、left、remaining、balance、
  have left、有多少、還有幾、剩幾、沒用完、沒休完、幾天可以、還有嗎、用了多少、請了幾天、請了多少、幾個鐘頭、
  還能休、能休幾天、還能請、可以休、還可以休、能用、還能、remain、how many days、how much is left、used so far
申請、提出申請、提申請、送申請、開單、開一張、填單、填表、登記、apply、apply for、submit、raise、request、file、
  fill in、fill out、註冊、填、寫、提、開、回報、通報、登錄、記一下、記錄一下、register、report、log、寫一下、
  填一下、open a ticket、ticket、create
行程、行事曆、calendar、schedule
"""

MACHINES = """
權限、存取權、資料夾、共用資料夾、開通、開權限、access、permission、shared folder、讀寫權限、folder、網路磁碟、
  共享資料夾、開帳號、新帳號、申請帳號、new account、account for、權限申請、進不去資料夾、共用槽、share drive、
  shared drive、群組信箱、共用信箱、distribution list、shared mailbox、讀取、讀取權限、寫入、槽、磁碟、帳號、
  開信箱、account、share drive access、drive、access to、開放我、給我看、看得到、可以看、讀不到資料夾、加我進、
  加入群組、加我到
安裝、裝軟體、裝一下、灌軟體、幫我裝、灌、安裝軟體、install、裝、授權、software、軟體、licence、photoshop、office、
  adobe、visio、zoom、teams、autocad、excel、figma、軟體授權、裝個、升級軟體、acrobat、裝好、安裝程式、set up、
  setup、upgrade、更新軟體、外掛、plugin、app installed、vs code、visual studio、chrome、slack、line 電腦版、
  python、sap、sketchup、word、powerpoint、ppt、notion、軟體更新
vpn、遠端連線、連回公司、遠端桌面、remote access、出國用、remote desktop
mfa、2fa、驗證碼、驗證器、authenticator、二階段、雙重驗證、多因子、綁定手機、換手機、otp、重設mfa、two-factor、
  兩步驟
密碼、password、重設密碼、忘記密碼、被鎖、帳號鎖、帳號被鎖、locked out、解鎖、pin、重置密碼
信箱、郵件、email、mail、outlook、信箱滿了、擴充、擴容、容量、空間不夠、mailbox、quota、信箱容量、mailbox full、
  信箱爆、gmail、收信
螢幕、monitor、screen、外接螢幕、第二台螢幕、second screen、顯示器、多配、配一台、加配
鍵盤、滑鼠、耳機、keyboard、mouse、headset、docking、擴充座、轉接頭、hdmi、webcam、充電器、charger、usb、隨身碟、
  adapter、變壓器、電源線、耳麥、網路攝影機、mic
新電腦、換電腦、新筆電、換筆電、配電腦、new laptop、new computer、new pc、電腦申請、配發、換一台、太舊、電腦太舊、
  汰換、升級、換機、加記憶體
壞掉、壞了、故障、不能用、不動、掛了、當機、當掉、開不了機、開不起來、打不開、沒反應、黑屏、黑畫面、藍屏、當了、
  死當、失靈、沒聲音、不亮、卡紙、連不上、斷線、連線失敗、上不了網、不能上網、沒網路、斷網、很慢、超慢、好慢、
  跑不動、卡卡、讀不到、broken、not working、doesn't work、won't start、won't turn on、won't print、crash、crashed、
  crashes、frozen、freezes、stuck on、down、dead、paper jam、jammed、no internet、can't connect、cannot connect、
  no sound、no signal、won't connect、won't boot、doesn't turn on、keeps crashing、爛掉、壞、登不進去、登不進、
  登入不了、無法登入、登入失敗、沒畫面、無畫面、閃、一直閃、閃退、跳掉、印不出來、列印不出來、沒訊號、收不到、
  收不到信、寄不出去、寄不出、無法、怪怪的、怪聲、充不進電、充不了電、沒電、摔到、裂開、進水、燒焦、故障了、抓不到、
  不靈、不冷、漏水、slow、can't log in、cannot log in、can't print、error message、錯誤訊息、當機了、一直重開、
  重開機、lag、斷斷續續、出問題、有問題、出狀況、讀不到卡、斷了、停電、跳電、not responding、stopped working、
  isn't working、not work、won't、failed、fails、leak、leaking、lost connection、froze、freeze、freezing、
  blue screen、bsod、跳藍、藍畫面、當、跳出錯誤、出現錯誤、沒反應了、有雜音、hang、no display、doesn't、
  doesn't open、掛、死掉、沒辦法用、無法使用、沒辦法開、好像壞了、很卡、卡卡的、不穩、打不進去、斷掉、沒有聲音、
  沒有畫面、hdmi 沒、連點、視窗、dies、die、好慢喔、dead battery、打不通、壞了耶、發不出、閃爍、秀不出來、跳出、
  跳掉了、卡死、停住、停擺、不給用、不正常、異常、沒辦法連、不能開、不能列印、不能登入、can't open、won't open、
  跑很慢、變慢、沒辦法列印、漏電、滴水、故障嗎、沒在動、不會動、不會轉、不轉、沒電了、吵
叫修、報修、報修單、維修、修理、修一下、找人修、來修、送修、幫修、修好、派人來看、repair、fix、fix it、maintenance、
  找人來看、請人來看、請人來修、人來看、報維修、叫人來修、檢修、take a look、come and look、help desk、it support、
  救命、救救、派人來、請資訊、找資訊、修、幫看一下、修一修、有人可以來看、come fix、someone to look
電腦、筆電、桌機、主機、pc、laptop、computer、notebook、macbook、筆記型電腦、desktop、電視、電池、battery、
  touchpad、相機鏡頭、鏡頭、分享器、ipad、平板
印表機、影印機、事務機、列印、printer、copier、碳粉、影印、掃描器、scanner、print、toner、墨水
網路、wifi、wi-fi、無線網路、internet、network、上網、有線網路、ethernet、網路線
冷氣、空調、燈管、馬桶、飲水機、電燈、門禁、冷氣機、電梯、門鎖、燈、air conditioner
伺服器、機房、server、備份、backup、系統、erp、資料庫、system、防火牆
釣魚、病毒、詐騙信、可疑信、phishing、virus、中毒、資安、垃圾信、勒索
簽名檔、signature、自動回覆、轉寄、行事曆分享
"""

PLANT = """
產線、生產線、線上、生產、一線、二線、三線、l1、l2、l3、a線、b線、c線、工廠、廠內、廠裡、line 1、line 2、line 3、
  production line、production、factory、plant、現場、製造、工廠端、包裝線、組裝線、line l1、line l2、line l3、
  產線這邊、1線、2線、3線、產線上、line a、line b、production floor、manufacturing
生產進度、做幾台、做了幾台、做好幾台、做到第幾台、完工、產量、產出、達成率、工單進度、排程、生產狀況、做完、
  趕得出來、預計完工、做多少、做了多少、產能、production status、output、units made、units、finished、on schedule、
  behind schedule、completed、開工、計畫產量、落後、生產計畫、今日產量、做好了、做完了、趕得上、批、這批、batch、
  做到多少、趕得完、能做完、做得完、還差幾台、生產完、how many、production run、今天做、產出多少、產出幾台、
  何時完工、完工了沒、今天產出、幾成、趕不趕得上、出了幾台
節拍、冷媒、毛重、關鍵零件、零件、壓縮機、bom、料號、品項、品號、規格表、takt、refrigerant、key parts、part、
  component、品項明細、品項資料、專業明細、零組件、材料、工廠資料、配料、用什麼料、用料、item data、factory data、
  料表、灌多少、灌什麼、哪一線生產、哪條線、哪一條線、生產線別、毛重多少、廠內規格、組成、factory spec、
  factory specs、cycle time
自製、自己做、自家做、自有、廠內做、自產、in-house、make ourselves、made in house、we make、工廠做、自己生產、
  哪條線做、我們自己做、有在做、manufacture、工廠有做、生產的型號、外購、自行生產、自己出、工廠自己、廠裡做、
  自己工廠、build、built、built in、own plant、own factory、ourselves、in our factory、廠內生產、公司生產、自己產、
  自己製造、我們產、本廠、本廠生產、自家
異常、停線、停機、停工、停擺、異常紀錄、出狀況、line stop、line stoppage、downtime、stopped、abnormal、alert、
  anomaly、產線異常、異常事件、出過什麼、出包、alarm、incident、stoppage、停多久、設備異常、停過、異常通報、停了、
  停下來、停過幾次、故障紀錄、機台有什麼狀況、狀況、出事、went down、problems on、trouble、stop、停線幾次、有狀況、
  有什麼狀況、出問題、停線紀錄、設備狀況
品質、品保、不良、良率、不良率、不良品、quality、defect、defects、檢驗、qc、qa team、抽檢、品管、qa、進料、出貨檢驗
衛安、安全查核、安全檢查、點檢、巡檢、工安、職安、安全點檢、安衛、查核、查核表、點檢表、檢查表、safety check、
  safety inspection、safety、checklist、inspection、5s、巡查、稽核、查檢、自主檢查、每日點檢、衛安表、安檢、
  安全巡檢、衛安查核、衛安查核表、開機前檢查、檢查登記、巡檢表、安全、記一筆、檢查完、檢查了、都ok、點檢完、查完、
  安全帽檢查、日檢、週檢、safety form、安全回報、安檢表、inspect、檢查完成、全部合格、合格、不合格、點撿、點撿表、
  安全點撿、填表、檢點、安全衛生、檢查好了、巡過了、巡檢完
堆高機、滅火器、護具、安全帽、緊急停止、急停、消防、逃生、安全門、forklift、fire extinguisher、emergency stop、
  通道、護目鏡、安全鞋、護罩、消防栓、exit
倉庫、倉儲、包材、棧板、庫房、warehouse、pallet、紙箱、物料、備料、補料、原料
機台、設備、沖床、輸送帶、充填機、機器手臂、conveyor、machine、射出機、螺絲機、治具、模具、打包機、封箱機、空壓機、
  測試機、馬達、皮帶、軸承、感測器、幫浦、pump、motor、sensor、氣缸、閥、鍋爐、吊車、產線設備
研發、rd、r&d、韌體、firmware、開發、設計、engineering、工程師、韌體組、研發部、硬體、軟體組、app組、rd部、
  engineers、engineering team、機構、電子、bug、演算法、firmware team、電控、硬體組、機構組、演算、韌體的人、rd 的、
  軟體的人、電路、電路圖、機構的人、pcb、app 組
專案、project、案子、開發案、新產品、gate、關卡、里程碑、milestone、g1、g2、g3、g4、g5、evt、dvt、pvt、專案進度、
  過關、哪一關、時程、量產、哪個gate、專案資訊、phase、那案、這案、某案、改善案、開發進度、案子的進度、開發到哪、
  schedule、roadmap、改善、owner of
實驗室、lab、laboratory、通風櫃、fume hood、r-290、r290、高溫、市電、esd、靜電、實驗、實驗間、進lab、高壓測試、
  冷媒用了、無塵室、chamber、恆溫箱、lab 裡
測試、試驗、實驗紀錄、測試紀錄、測試報告、驗證、test、test record、test report、鹽霧、老化、落下測試、溫升、耐壓、
  可靠度、檢討、檢討報告、lessons learned、會議紀錄、設計文件、設計紀錄、實驗數據、test result、test results、
  分析報告、風量、emi、emc、耐久、安規、疲勞、壽命、報告、失效分析、分析過、做過
日誌、工作日誌、工時、工作紀錄、工作報告、日報、daily log、daily report、work log、timesheet、time sheet、
  log my hours、log hours、log my work、寫日誌、填日誌、今天做了什麼、今日工作、週報、工時登記、log time、記工時、
  報工時、work diary、花了幾小時、hours on、做了幾小時、spent、今天做了、做了什麼、hours、寫程式、寫code、改code、
  測試程式、修連線、hr on、hrs、hours of、day's work、what i did、主要在、畫圖、改程式、幫我記、今天在、今天處理、
  小時 幫我記、補上週五、量測、進度回報
app、應用程式、軟體版本、ota、雲端、連線、離線、配對、offline、pairing、cloud、手機app、連不到、連不上wifi、藍牙、
  bluetooth
設計類、設計問題、噪音、異音、noise、雜音、noisy
分析、改善、追查、調查、修bug、debug、investigate、root cause、修正、對策、解一下、改一版、test it
"""

GOODS = """
客訴、投訴、申訴、抱怨、反映、反應問題、客訴單、complaint、complain、complaints、客怨、抗議、陳情、反應一下、
  提客訴、file a complaint、抱怨案、客戶反映、負評、爛透了、太誇張、很生氣、氣死、傻眼、離譜、態度差、態度很差、
  態度超差、不爽、爛、生氣、angry、terrible、unacceptable、awful、火大、很扯、超扯、扯、不滿、惡劣、disappointed、
  rude、提告、爛公司、打不通、不理人、沒人理、沒人接、太久、超慢、太慢、超大聲、很吵、是怎樣、搞什麼、騙人、詐騙、
  消保官、horrible、worst、ridiculous、refuse、never again、unhappy、upset、什麼品質、這什麼、沒人處理、等超久、
  等很久、等太久、拖很久、不能接受、求償、要賠、賠償、誇張、沒品、誠信、沒誠信、品質很差、品質差、難用、地雷、後悔、
  騙、糟糕、quality is
客訴編號、案件編號、案號、complaint number、case number、案件、case、客訴案、ticket number、客訴案件
結案、未結、沒結案、還沒結、未結案、open complaints、closed、unresolved、還沒處理完、沒結、open cases、已結案、
  開著的客訴、新客訴、新進客訴、unclosed、還開著、未結的、沒處理完、still open、沒關、還沒關
少一件、少寄、漏寄、缺件、寄錯、少了、缺、wrong item、missing item、missing parts、少配件、送錯、不是我訂的、少附、
  missing、沒附、裡面沒有、只來一台、只來、只有一、不見、少、缺了、少給、漏了、wrong color、送錯顏色、寄來的不是、
  only one、wrong
瑕疵、刮傷、凹、凹痕、破損、裂、defective、scratched、damaged、dented、破掉、撞到、外箱破、刮痕、掉漆、
  arrived broken、裂痕、外殼、壓扁、變形、凹掉、髒、生鏽、二手、像二手、用過的、crack、cracked、chipped、dirty、
  爛掉、整個爛、箱子爛、包裝破、碎掉、碎、歪、變色
冒煙、燒焦味、起火、觸電、漏電、受傷、burning smell、smoke、smoking、fire、焦味、臭味、異味、burning、燒焦、火花、
  燙傷、smells、electric shock、spark
訂單、訂購、買的東西、我買的、我訂的、下的單、包裹、貨、my order、order、orders、parcel、package、我的貨、網購、
  我買了、訂的、東西、買的、下單、貨品、訂單編號、買的除濕機、買了、我買、訂了、網站買、order number、
  purchase from your、單號、上週訂的、訂的還沒、買的那台、下訂
出貨、寄出、寄了、送到、到貨、配送、物流、宅配、運送、到哪、還沒收到、沒收到、什麼時候到、何時到、幾天會到、
  delivery、shipped、ship、shipping、deliver、delivered、tracking、track、arrive、收到貨、還沒到、沒到、未到、
  出了沒、寄出來、物流單號、追蹤、arrived yet、hasn't arrived、到貨了嗎、出貨了沒、出貨了嗎、送來、什麼時候會到、
  到店、寄到、送達、in transit、宅急便、tracking number、黑貓、貨運、等、等了、還在等、waiting for、寄、寄了沒、
  發貨、送貨、來了沒、到了沒、幾時到、卡在物流、still waiting、on its way、hasn't come、還沒出貨嗎、幾號到、
  到哪裡了、送貨中、卡在
待出貨、未出貨、沒出、還沒出、沒寄、該出、逾期未出貨、缺貨、缺貨待補、待補、揀貨、not shipped、unshipped、
  backorder、backordered、out of stock orders、還沒出貨、要出貨、要出的、沒出貨、所有訂單、全部訂單、訂單清單、
  買家、訂單處理、訂單狀況、出貨清單、today's orders、all orders、orders waiting、to be shipped、pending orders、
  單還沒出、今天要出、待處理訂單、單沒出、幾單、幾張單、要寄的、缺貨的單、late orders、orders that are late、
  delayed orders、overdue orders、單要出、多少單、單延遲、延遲的單、有多少單、今天要出的、誰的單、哪些單、待寄、未寄
客人、客戶、顧客、消費者、buyer、customer、client、customers、會員、對方、買方、訂購人
客服、業務、客服部、業務部、客服組、維修組、sales team、customer service、cs team、客服這邊、業務這邊、sales、
  sales rep
回電、回覆客人、打給客人、打給客戶、聯絡客人、聯絡客戶、打電話、call back、follow up、follow-up、call the customer、
  拜訪、回客人、打給買家、約時間、到府、回個電話、回撥、call back the、phone the customer、visit、拜訪客戶、
  報價給客戶、跑一趟、送樣品、去拜訪、call this、phone、聯絡一下客人、道歉、去收款、send a quote、改地址、告訴他、
  通知他、通知客人、告知客人、告知、去家樂福、送樣、量尺寸、安裝到府、到客戶、聯絡這
售價、價格、價錢、多少錢、賣多少、怎麼賣、價位、price、cost、how much、幾塊、定價、how much is、prices、特價、
  費用多少、現在賣多少、賣多少錢、一台多少、多少、幾元、報價多少、pricing、賣幾塊、幾塊錢、價格多少、便宜、預算
庫存、現貨、有貨、有沒有貨、缺貨中、stock、in stock、out of stock、存貨、剩幾台、現貨嗎、賣完、available in
規格、尺寸、坪數、幾坪、瓦數、耗電、重量、保固、spec、specs、specification、warranty、dimension、功率、
  specifications、保固多久、保固幾年、分貝、size、weight、型號規格、適用坪數、商品規格、幾公升、大小、色
型號、機種、哪幾款、款式、產品線、model、models、哪些產品、哪些商品、賣什麼、有賣、賣哪些、商品清單、產品清單、
  型錄、目錄、catalog、catalogue、products、product list、which models、幾款、幾種、what do you sell、你們賣、
  有什麼產品、全系列、哪幾種、產品、商品、product、sell、item list、品項清單、還賣、還有賣、其他產品、什麼產品、
  有什麼、機型、有哪幾台、lineup、range、selling、哪幾型、什麼型、幾型、你們家、什麼機型、有幾種、賣哪
除濕機、清淨機、空氣清淨機、循環扇、電風扇、冷氣機、水氧機、烤箱、dehumidifier、air purifier、purifier、fan、
  移動式冷氣、portable ac、風扇、氣炸鍋、air fryer、heater、暖風機、加濕器、portable air conditioner、circulator、
  快煮壺、扇、kettle、除溼機
濾網、濾心、耗材、filter、hepa、filters、水箱、water tank、配件、accessory、遙控器、remote control
退貨、退錢、退款、退費、換貨、鑑賞期、return、refund、exchange、退換、退刷、money back、換新、猶豫期、退換貨
運費、免運、shipping fee、postage、超商取貨、付款方式、分期、貨到付款、信用卡、installment、宅配費
優惠、折扣、折價券、點數、會員、coupon、discount、promo、購物金、週年慶、特賣、points、打折
門市、店面、營業時間、store、shop、實體店、地址
取消訂單、cancel my order、改地址、取消
評論、負評、review online、google 評論、蝦皮
"""
