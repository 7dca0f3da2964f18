-- 本人各種假的餘額；特休排最前面。
select kind, granted_days, used_days, remaining_days, expires_on
from company.leave_balances
where employee_number = :person
  and (:kind::text is null or kind = :kind::text)
order by kind <> '特休', kind
