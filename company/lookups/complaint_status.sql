-- 客戶查自己的客訴：客訴編號與手機末三碼都對才找得到。不給內部的分級與負責人。
-- company.complaints 是客服系統的客訴；filed_complaints 是從 LINE、網頁填單進來的，由 Transom 提供。
select complaint_no, filed_on, theme, status, coalesce(nullif(answer, ''), '專員處理中') as answer
from company.complaints
where complaint_no = upper(:complaint_no::text)
  and lpad(phone_last3::text, 3, '0') = :phone_last3::text
union all
select number, at::date, theme,
       case state when 'open' then '新進' when 'taken' then '處理中' else '已結案' end,
       coalesce(nullif(answer, ''), case when state in ('open', 'taken') then '專員處理中' else '已結案' end)
from filed_complaints
where number = upper(:complaint_no::text)
  and phone_last3 = :phone_last3::text
