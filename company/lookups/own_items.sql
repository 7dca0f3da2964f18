-- 自有產線生產的型號，給工廠的選單用。
select model, model as label, item, line
from company.items
where nullif(line::text, '') is not null
order by line, model
