-- Version 1. Who owns these objects is the role that runs this; `roles.sql` says who else may use them.

create table gumauth.store (
    single boolean primary key default true check (single),
    id uuid not null default gen_random_uuid(),
    version integer not null,
    made_at timestamptz not null default clock_timestamp()
);

-- Each change of something that machines keep a copy of has a number, by which they ask for what is new.
create sequence gumauth.change;

-- The number of a claim: a later claim has a higher one, also after the earlier one was released. Its lower twenty bits
-- are random: a standby that was promoted may count once more what it had not heard of.
create sequence gumauth.fence;

create table gumauth.account (
    name text primary key check (name ~ '^[a-z0-9][a-z0-9._-]{0,63}/[0-9a-f]{16}$'),
    content json,                                  -- the account without its tokens; null once it is forgotten
    number integer,                                -- a number that was its name is not given again
    generation bigint not null default 0,
    access bytea,                                  -- sealed: what handing out needs
    refresh bytea,                                 -- sealed: what refreshing needs besides
    data_key uuid,
    change bigint not null default nextval('gumauth.change'),
    changed_at timestamptz not null default clock_timestamp(),
    provider text not null generated always as (split_part(name, '/', 1)) stored,
    nickname text generated always as (content ->> 'nickname') stored,
    alias text generated always as (content ->> 'alias') stored,
    state text generated always as (content ->> 'state') stored
) with (fillfactor = 50);
create index on gumauth.account (change);

-- Who may use which accounts: `name` is an account, or a provider for all accounts of it, also for those to come. An
-- account that no row here names is for everybody: for who may read tokens, or connect and refresh. The rows stay when
-- an account is disconnected, so that it is not for everybody when it comes back.
create table gumauth.reader (
    name text not null,
    role name not null,
    primary key (name, role)
);

create table gumauth.default_account (
    role name not null,
    provider text not null,
    id text not null,
    primary key (role, provider)
);

create table gumauth.claim (
    name text primary key check (length(name) <= 200),
    fence bigint not null,
    holder text not null check (length(holder) <= 200), -- the folder of a machine, so that the same one knows its own claim
    machine text not null check (length(machine) <= 200),
    generation bigint,                             -- the account's when it was claimed
    since timestamptz not null,
    until timestamptz not null
);

create table gumauth.note (
    name text primary key,
    content text check (length(content) < 1048576), -- null once it is removed
    change bigint not null default nextval('gumauth.change')
);

create table gumauth.entry (
    name text primary key,
    value bytea not null,                          -- sealed
    data_key uuid not null
);

create table gumauth.data_key (
    id uuid primary key,
    made_at timestamptz not null default clock_timestamp()
);

-- A data key, sealed under a key that machines have in a file; `kind` says what it opens.
create table gumauth.sealed_key (
    data_key uuid not null references gumauth.data_key on delete cascade,
    kind text not null check (kind in ('access', 'refresh')),
    key_id text not null,                          -- of the key file's key
    sealed bytea not null,
    made_at timestamptz not null default clock_timestamp(),
    primary key (data_key, kind, key_id)
);

-- Nothing is written under a data key that has been dropped, and none is dropped that something is sealed under.
alter table gumauth.account add foreign key (data_key) references gumauth.data_key;
alter table gumauth.entry add foreign key (data_key) references gumauth.data_key;

create table gumauth.audit (
    at timestamptz not null default clock_timestamp(),
    role name not null default session_user,
    machine text not null check (length(machine) <= 200),
    action text not null,
    name text not null,
    generation bigint
);
create index on gumauth.audit (at);

-- What the roles may do by functions is decided here.

create function gumauth.has_role(wanted text) returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
    select pg_has_role(session_user, (select relowner from pg_class where oid = 'gumauth.store'::regclass), 'member')
        or exists (select from pg_roles where rolname = any (
            case wanted when 'gumauth_reader' then array['gumauth_reader', 'gumauth_connector', 'gumauth_admin']
                        when 'gumauth_connector' then array['gumauth_connector', 'gumauth_admin']
                        else array[wanted] end) and pg_has_role(session_user, oid, 'member'))
$$;

-- The names of `gumauth.reader` that are for the role that came in.
create function gumauth.granted() returns setof text
    language sql stable security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
    select r.name from gumauth.reader r join pg_roles p on p.rolname = r.role
    where pg_has_role(session_user, p.oid, 'member')
$$;

create function gumauth.may_read(account text) returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
    select not exists (select from gumauth.reader r where r.name in (account, split_part(account, '/', 1)))
        or account in (select gumauth.granted()) or split_part(account, '/', 1) in (select gumauth.granted())
        or gumauth.has_role('gumauth_admin')
$$;

create function gumauth.check_may_use(account text) returns void
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
begin
    if not gumauth.may_read(account) then
        raise insufficient_privilege using message = 'this role may not use this account';
    end if;
end
$$;

-- The functions below run as the owner, for whom these rows are all there is.
alter table gumauth.account enable row level security;
alter table gumauth.account force row level security;
-- As `may_read`, but with each question asked once for all rows.
create policy readers on gumauth.account using (
    (name not in (select r.name from gumauth.reader r) and provider not in (select r.name from gumauth.reader r))
    or name in (select gumauth.granted()) or provider in (select gumauth.granted())
    or (select gumauth.has_role('gumauth_admin'))
);

-- Its first two columns stay as they are in every later version: an older or newer gumauth looks at them first.
create function gumauth.hello(key_ids text[])
    returns table (store uuid, version integer, role name, reads boolean, connects boolean,
                   administers boolean, data_key uuid, kind text, key_id text, sealed bytea)
    language sql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
    select s.id, s.version, session_user,
           gumauth.has_role('gumauth_reader'), gumauth.has_role('gumauth_connector'), gumauth.has_role('gumauth_admin'),
           d.id, k.kind, k.key_id, k.sealed
    from gumauth.store s
    left join gumauth.data_key d on true
    left join gumauth.sealed_key k on k.data_key = d.id and k.key_id = any (key_ids)
        and (k.kind = 'access' or gumauth.has_role('gumauth_connector'))
    order by d.made_at
$$;

create function gumauth.changes(since bigint)
    returns table (kind text, name text, change bigint, content text, number integer, generation bigint)
    language sql stable security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
    with all_of_it as (
        select 'account' as kind, a.name, a.change, a.content::text as content, a.number, a.generation
        from gumauth.account a
        union all
        select 'note', n.name, n.change, n.content, null, 0 from gumauth.note n
    )
    select 'all', '', coalesce(max(change), 0),
           json_build_object('count', count(*), 'sum', coalesce(sum(change), 0))::text, null, 0
    from all_of_it
    union all
    select * from (
        select distinct on (d.provider) 'default', d.provider, 0::bigint, d.id, null::integer, 0::bigint
        from gumauth.default_account d where d.role in ('', session_user) order by d.provider, d.role desc
    ) chosen
    union all
    select * from all_of_it where change > since
$$;

create function gumauth.take(account text, machine text, whole boolean)
    returns table (content text, generation bigint, access bytea, refresh bytea, data_key uuid, change bigint)
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
declare
    present gumauth.account;
begin
    if whole and not gumauth.has_role('gumauth_connector') then
        raise insufficient_privilege using message = 'this role may not refresh';
    end if;
    select * into present from gumauth.account a where a.name = account and a.content is not null;
    if found then
        insert into gumauth.audit (machine, action, name, generation)
            values (take.machine, 'take', account, present.generation);
        raise log 'gumauth: % takes %', session_user, account;  -- stays also where the transaction is rolled back
        return query select present.content::text, present.generation, present.access,
            case when whole then present.refresh end, present.data_key, present.change;
    end if;
end
$$;

-- One who has the claim has it; a claim that was not released is somebody else's until its end, and longer unless
-- `take_over`, or unless tokens were written since. With a generation, the account must still have it.
create function gumauth.claim(what text, holder text, machine text, seconds double precision, take_over boolean,
                              expected bigint)
    returns table (outcome text, fence bigint, by_machine text, for_seconds double precision, generation bigint,
                   change bigint)
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
declare
    present gumauth.claim;
    known bigint;
    changed bigint;
    began timestamptz;
begin
    perform gumauth.check_may_use(what);
    loop
        insert into gumauth.claim as c (name, fence, holder, machine, since, until)
            values (what, 0, claim.holder, claim.machine, clock_timestamp(), '-infinity')
            on conflict (name) do nothing;
        select * into present from gumauth.claim c where c.name = what for update;
        exit when found;  -- else it was released between the two
    end loop;
    began := clock_timestamp();
    select a.generation, a.change into known, changed from gumauth.account a where a.name = what;
    if present.until <> '-infinity' and present.holder <> claim.holder
        and (present.until > began or not (take_over or known is distinct from present.generation)) then
        return query select 'held', 0::bigint, present.machine,
            extract(epoch from began - present.since)::double precision, 0::bigint, 0::bigint;
        return;
    end if;
    if expected is not null and known is distinct from expected then
        if present.fence = 0 then
            delete from gumauth.claim c where c.name = what;
        end if;
        return query select 'moved', 0::bigint, ''::text, 0::double precision, coalesce(known, 0), 0::bigint;
        return;
    end if;
    update gumauth.claim c
        set fence = nextval('gumauth.fence') * 1048576 + floor(random() * 1048576)::bigint, holder = claim.holder,
            machine = claim.machine, since = began, generation = known,
            until = began + make_interval(secs => least(seconds, 300))
        where c.name = what returning c.fence into present.fence;
    return query select 'ours', present.fence, ''::text, 0::double precision, coalesce(known, 0), coalesce(changed, 0);
end
$$;

create function gumauth.renew(what text, fence bigint, seconds double precision) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
begin
    update gumauth.claim c set until = clock_timestamp() + make_interval(secs => least(seconds, 300))
        where c.name = what and c.fence = renew.fence;
    return found;
end
$$;

create function gumauth.release(what text, fence bigint) returns void
    language sql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
    delete from gumauth.claim c where c.name = what and c.fence = release.fence
$$;

-- The three that follow change one account for whoever holds its claim: `holds` says who that is.
create function gumauth.holds(what text, fence bigint) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
begin
    perform gumauth.check_may_use(what);
    perform from gumauth.claim c where c.name = what and c.fence = holds.fence for update;
    if not found then
        raise exception using errcode = 'GA001', message = 'another machine has the claim by now';
    end if;
end
$$;

-- Gives the generation that is there afterwards: the new one, or another where `expected` was not there any more.
create function gumauth.put(account text, fence bigint, machine text, action text, expected bigint, content json,
                            number integer, access bytea, refresh bytea, data_key uuid) returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
declare
    present gumauth.account;
begin
    perform gumauth.holds(account, fence);
    select * into present from gumauth.account a where a.name = account for update;
    if not found then
        insert into gumauth.account (name, content, number, generation, access, refresh, data_key)
            values (account, put.content, put.number, expected + 1, put.access, put.refresh, put.data_key);
    elsif present.generation = expected then
        update gumauth.account a
            set content = put.content, number = coalesce(put.number, a.number), generation = expected + 1,
                access = put.access, refresh = put.refresh, data_key = put.data_key, change = nextval('gumauth.change'),
                changed_at = clock_timestamp()
            where a.name = account;
    else
        return present.generation;  -- the same answer that is there already was stored by an earlier try
    end if;
    insert into gumauth.audit (machine, action, name, generation) values (put.machine, action, account, expected + 1);
    return expected + 1;
end
$$;

create function gumauth.mark(account text, fence bigint, machine text, action text, content json, number integer)
    returns void
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
begin
    perform gumauth.holds(account, fence);
    insert into gumauth.account as a (name, content, number) values (account, mark.content, mark.number)
        on conflict (name) do update set content = excluded.content, number = coalesce(excluded.number, a.number),
            change = nextval('gumauth.change'), changed_at = clock_timestamp();
    insert into gumauth.audit (machine, action, name) values (mark.machine, action, account);
end
$$;

-- `whole`: the account leaves the list too. The row stays, so that machines with a copy hear of it. Gives the
-- generation that is there afterwards; where nothing is left to delete, it is the one that was there.
create function gumauth.erase(account text, fence bigint, machine text, action text, whole boolean, heir text)
    returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
declare
    of_provider text := split_part(account, '/', 1);
    present bigint;
begin
    perform gumauth.holds(account, fence);
    update gumauth.account a
        set access = null, refresh = null, data_key = null, content = case when whole then null else a.content end,
            generation = a.generation + 1, change = nextval('gumauth.change'), changed_at = clock_timestamp()
        where a.name = account
            and (a.access is not null or a.refresh is not null or (whole and a.content is not null))
        returning a.generation into present;
    if not found then
        select a.generation into present from gumauth.account a where a.name = account;
        return coalesce(present, 0);
    end if;
    if whole then
        if exists (select from gumauth.account a where a.provider = of_provider and a.state <> 'connecting') then
            update gumauth.default_account d set id = coalesce(heir, '-')
                where d.provider = of_provider and d.id = split_part(account, '/', 2);
        else
            delete from gumauth.default_account d where d.provider = of_provider;
        end if;
    end if;
    insert into gumauth.audit (machine, action, name) values (erase.machine, action, account);
    return present;
end
$$;

-- The first account of a provider is its default, until a role chooses another one for itself.
create function gumauth.listed() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
begin
    insert into gumauth.default_account (role, provider, id)
        values ('', new.provider, split_part(new.name, '/', 2)) on conflict (role, provider) do nothing;
    return null;
end
$$;
create trigger listed after insert or update on gumauth.account
    for each row when (new.state <> 'connecting') execute function gumauth.listed();

-- Also for who may only read: so that no more can be written by it than one row for each provider with such an account.
create function gumauth.set_default(provider text, id text, machine text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
declare
    account text := set_default.provider || '/' || set_default.id;
begin
    perform gumauth.check_may_use(account);
    if not exists (select from gumauth.account a where a.name = account and a.content is not null) then
        raise insufficient_privilege using message = 'there is no such account';
    end if;
    insert into gumauth.default_account as d (role, provider, id)
        values (session_user, set_default.provider, set_default.id)
        on conflict on constraint default_account_pkey do update set id = excluded.id;
    insert into gumauth.audit (machine, action, name) values (set_default.machine, 'default', account);
end
$$;

create function gumauth.write_note(note text, content text, machine text) returns void
    language sql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
    insert into gumauth.note as n (name, content) values (note, write_note.content)
        on conflict (name) do update set content = excluded.content, change = nextval('gumauth.change');
    insert into gumauth.audit (machine, action, name)
        values (write_note.machine, case when write_note.content is null then 'forget' else 'note' end, note)
$$;

create function gumauth.entry(what text) returns table (value bytea, data_key uuid)
    language sql stable security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
    select e.value, e.data_key from gumauth.entry e where e.name = what
$$;

create function gumauth.set_entry(what text, value bytea, data_key uuid, machine text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
begin
    if set_entry.value is null then
        delete from gumauth.entry e where e.name = what;
    else
        insert into gumauth.entry as e (name, value, data_key) values (what, set_entry.value, set_entry.data_key)
            on conflict (name) do update set value = excluded.value, data_key = excluded.data_key;
    end if;
    insert into gumauth.audit (machine, action, name)
        values (set_entry.machine, case when set_entry.value is null then 'forget' else 'keep' end, what);
end
$$;

-- A key that is kept again is the latest one.
create function gumauth.add_key(data_key uuid, kind text, key_id text, sealed bytea, machine text) returns void
    language sql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
    insert into gumauth.data_key (id) values (add_key.data_key) on conflict do nothing;
    insert into gumauth.sealed_key (data_key, kind, key_id, sealed)
        values (add_key.data_key, add_key.kind, add_key.key_id, add_key.sealed)
        on conflict (data_key, kind, key_id) do update set sealed = excluded.sealed, made_at = excluded.made_at;
    insert into gumauth.audit (machine, action, name)
        values (add_key.machine, 'key', add_key.kind || ' ' || add_key.key_id)
$$;

-- Two machines that begin at once may have different keys: the second one's pair is not kept.
create function gumauth.first_keys(data_key uuid, access_id text, access bytea, refresh_id text, refresh bytea,
                                   machine text) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
begin
    lock table gumauth.data_key in share row exclusive mode;
    if exists (select from gumauth.data_key) then
        return false;
    end if;
    perform gumauth.add_key(data_key, 'access', access_id, access, machine);
    perform gumauth.add_key(data_key, 'refresh', refresh_id, refresh, machine);
    return true;
end
$$;

create function gumauth.seals() returns table (data_key uuid, kind text, key_id text)
    language sql stable security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
    select k.data_key, k.kind, k.key_id from gumauth.sealed_key k order by k.made_at
$$;

create function gumauth.to_reseal(data_key uuid) returns table (name text, is_account boolean)
    language sql stable security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
    select a.name, true from gumauth.account a where a.data_key <> to_reseal.data_key
    union all
    select e.name, false from gumauth.entry e where e.data_key <> to_reseal.data_key
$$;

create function gumauth.reseal(account text, generation bigint, before uuid, access bytea, refresh bytea,
                               data_key uuid, machine text) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
begin
    update gumauth.account a
        set access = reseal.access, refresh = reseal.refresh, data_key = reseal.data_key
        where a.name = account and a.generation = reseal.generation and a.data_key = before;
    if found then
        insert into gumauth.audit (machine, action, name, generation)
            values (reseal.machine, 'reseal', account, reseal.generation);
        return true;
    end if;
    return false;
end
$$;

create function gumauth.reseal_entry(what text, before bytea, value bytea, data_key uuid, machine text)
    returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
begin
    update gumauth.entry e set value = reseal_entry.value, data_key = reseal_entry.data_key
        where e.name = what and e.value = before;
    if found then
        insert into gumauth.audit (machine, action, name) values (reseal_entry.machine, 'reseal', what);
        return true;
    end if;
    return false;
end
$$;

-- Whoever is writing under another data key holds a lock on it until that is done, and is waited for.
create function gumauth.drop_keys(keep uuid, machine text) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
begin
    perform from gumauth.data_key d where d.id <> keep for update;
    if exists (select from gumauth.to_reseal(keep)) then
        return false;
    end if;
    insert into gumauth.audit (machine, action, name)
        select distinct drop_keys.machine, 'drop key', k.kind || ' ' || k.key_id
        from gumauth.sealed_key k where k.data_key <> keep
            and not exists (select from gumauth.sealed_key o where o.data_key = keep and o.key_id = k.key_id);
    delete from gumauth.data_key d where d.id <> keep;
    return true;
end
$$;

-- For an account by its present label, by provider and id, or for all accounts of a provider.
create function gumauth.log(most integer, only_of text)
    returns table (at timestamptz, role name, machine text, action text, name text, label text, generation bigint)
    language sql stable security definer set search_path = pg_catalog, pg_temp set jit = off as
$$
    select * from (
        select l.at, l.role, l.machine, l.action, l.name,
               a.provider || '/' || coalesce(a.alias, a.number::text, a.nickname, split_part(a.name, '/', 2)) as label,
               l.generation
        from gumauth.audit l left join gumauth.account a on a.name = l.name and a.content is not null
    ) entries
    where only_of is null or only_of in (entries.name, entries.label, split_part(entries.name, '/', 1))
    order by entries.at desc limit most
$$;

revoke all on schema gumauth from public;
revoke all on all tables in schema gumauth from public;
revoke all on all functions in schema gumauth from public;
