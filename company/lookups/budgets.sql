-- 部門預算餘額，每晚 23:00 更新。
select department, account, budget, used, remaining,
       round(100.0 * used / budget) || '%' as used_share, updated_on
from company.budgets
where :department::text is null or department = :department::text
order by department, account
