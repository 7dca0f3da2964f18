-- 分到研發的客訴：App、韌體、異音等設計問題。未結案的排前面。
-- company.complaints 是客服系統的客訴；filed_complaints 是填單與匯入的，由 Transom 提供，主題與客訴單的 tell 一致。
select complaint_no, filed_on, model, theme, level, status, answer, description
from (
  select complaint_no, filed_on, model, theme, level, status,
         coalesce(nullif(answer, ''), '尚未回覆') as answer, description
  from company.complaints
  where department = '發'
  union all
  select number, at::date, product, theme, case theme when '人身安全' then '一級' else '未分級' end,
         case state when 'open' then '新進' when 'taken' then '處理中' else '已結案' end,
         coalesce(nullif(answer, ''), '尚未回覆'), left(text, 200)
  from filed_complaints
  where theme in ('App 離線', '異音', '人身安全') and (form_name is not null or sentiment <> 'positive')
) every
where :model::text is null or model = :model::text
order by status = '已結案', filed_on desc, complaint_no desc
