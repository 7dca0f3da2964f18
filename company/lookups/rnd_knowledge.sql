-- 研發的經驗、實驗、事故與會議紀錄；關鍵字在主題、摘要或編號裡都算。
select article_no, kind, topic, summary, updated_on, location
from company.km_articles
where department = '發'
  and (:keyword::text is null
       or strpos(lower(article_no || ' ' || kind || ' ' || topic || ' ' || summary), lower(:keyword::text)) > 0)
order by updated_on desc
