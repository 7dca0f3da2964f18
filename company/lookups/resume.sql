-- 本人在人資系統裡的履歷：學歷、經歷、證照、完成的訓練。
select since, kind, content
from company.resumes
where employee_number = :person
  and (:kind::text is null or kind = :kind::text)
order by since desc
