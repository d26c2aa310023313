-- The login of api and worker: it owns nothing, and is held by row-level security. Run by a
-- superuser after `coursewright migrate`, with LOGIN_PASSWORD in the environment. Can run twice.
\getenv password LOGIN_PASSWORD
\if :{?password}
\else
  \warn LOGIN_PASSWORD is not set
  select 1 / 0;
\endif
select 'create role coursewright_login login'
where not exists (select from pg_roles where rolname = 'coursewright_login') \gexec
alter role coursewright_login with login nosuperuser nobypassrls nocreatedb nocreaterole
  password :'password';
grant coursewright_app to coursewright_login;
