-- 可以查的型號；當作選單時，第一欄是值，第二欄是按鈕上的字。
select model, model as label, item, category, stock
from company.items
order by category, model
