-- Who may use which function. Run at every `gumauth store init`, where the roles are there.

grant usage on schema gumauth to gumauth_reader, gumauth_connector, gumauth_admin;
grant execute on function gumauth.hello, gumauth.changes, gumauth.take, gumauth.set_default
    to gumauth_reader, gumauth_connector, gumauth_admin;
grant execute on function gumauth.claim, gumauth.renew, gumauth.release, gumauth.put, gumauth.mark, gumauth.erase,
    gumauth.write_note, gumauth.entry, gumauth.set_entry to gumauth_connector, gumauth_admin;
grant execute on function gumauth.log, gumauth.add_key, gumauth.first_keys, gumauth.seals, gumauth.to_reseal,
    gumauth.reseal, gumauth.reseal_entry, gumauth.drop_keys to gumauth_admin;
