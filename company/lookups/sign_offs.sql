-- 本人的報支單與請購單，新的在前。
select form_no, kind, subject, amount, submitted_on, status, stage
from (
  select claim_no as form_no, '費用報支' as kind, purpose as subject, amount,
         nullif(submitted_on::text, '')::date as submitted_on, status, stage, spent_on::date as day
  from company.expense_claims where employee_number = :person
  union all
  select request_no, '請購', item, amount, submitted_on::date, status, stage, submitted_on::date
  from company.purchase_requests where employee_number = :person
) records
where (:kind::text is null or kind = :kind::text)
  and (:status::text is null or status = :status::text)
order by day desc, form_no desc
