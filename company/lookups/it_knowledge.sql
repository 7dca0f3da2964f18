-- 資訊部的操作手冊與公告；關鍵字在主題、摘要或編號裡都算。
select article_no, kind, topic, summary, updated_on, location
from company.km_articles
where department = '資'
  and (:keyword::text is null
       or strpos(lower(article_no || ' ' || topic || ' ' || summary), lower(:keyword::text)) > 0)
order by updated_on desc
