-- 本人的職等，報支單的預設值。
select grade, department from company.contacts where employee_number = :person
