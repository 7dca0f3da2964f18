-- 客服看全部客訴：未結案、等級高的排前面。
-- company.complaints 是客服系統的客訴；filed_complaints 是填單與匯入的，由 Transom 提供。匯入的好評不是客訴。
select k.complaint_no, k.filed_on, k.channel, k.model, k.theme, k.level, k.status, c.name as owner, k.description
from (
  select complaint_no, filed_on, channel, model, theme, level, status, owner, description
  from company.complaints
  union all
  select number, at::date, case channel when 'line' then 'LINE' when 'web' then '官網' else channel end, product, theme,
         case theme when '人身安全' then '一級' else '未分級' end,
         case state when 'open' then '新進' when 'taken' then '處理中' else '已結案' end,
         assigned_to, left(text, 200)
  from filed_complaints
  where form_name is not null or sentiment <> 'positive'
) k
left join company.contacts c on c.employee_number = k.owner
where (:model::text is null or k.model = :model::text)
  and (:status::text is null or k.status = :status::text)
order by k.status = '已結案', array_position(array['一級', '二級', '三級', '未分級'], k.level::text), k.filed_on desc,
         k.complaint_no desc
