# bash completion for gumauth
# Made by `python -m gumauth.cli.parsing.completion_scripts` from the table of commands; changes here are lost.

_gumauth() {
    local line=${COMP_LINE:0:COMP_POINT} current previous command options= place= values= words
    read -ra words <<<"$line"
    while [[ ${words[0]-} == [A-Za-z_]*=* ]]; do words=("${words[@]:1}"); done
    local at=0
    while (( at < ${#words[@]} )) && [[ ${words[at]##*/} != gumauth ]]; do (( ++at )); done
    (( at < ${#words[@]} )) && words=("${words[@]:at}")
    current=
    [[ $line == *[[:space:]] ]] || { current=${words[-1]}; unset 'words[-1]'; }
    previous=${words[-1]} command=${words[1]-}
    if (( ${#words[@]} < 2 )); then
        _gumauth_offer "connect list token refresh revoke disconnect default rename move run mcp link providers setup new check demo doctor store completion help --version --help"
        return
    fi
    case $command in
        connect) options="--as --scope --add-scope --no-browser --device --client-credentials --key --port --timeout --replace --host --tenant --name --register --issuer --no-resource --redirect-host --trace --env-file --json --help" values="--as --scope --add-scope --key --port --timeout --host --tenant --name --issuer --redirect-host --env-file" place=providers ;;
        list) options="--json --help" values="" place=accounts ;;
        token) options="--min-valid --header --for --field --id-token --env-file --json --help" values="--min-valid --for --field --env-file" place=accounts ;;
        refresh) options="--trace --env-file --json --help" values="--env-file" place=accounts ;;
        revoke) options="--env-file --json --help" values="--env-file" place=accounts ;;
        disconnect) options="--keep-grant --env-file --json --help" values="--env-file" place=accounts ;;
        default) options="--json --help" values="" place=accounts ;;
        rename) options="--none --json --help" values="" place=accounts ;;
        move) options="--to --json --help" values="--to" place=accounts ;;
        run) options="--gumstack --env-file --min-valid --help" values="--env-file --min-valid" place= ;;
        mcp) options="--url --env-file --help" values="--url --env-file" place=accounts ;;
        link) options="--url --write --json --help" values="--url" place=programs; (( ${#words[@]} > 2 )) && place=accounts ;;
        providers) options="--host --tenant --name --client-metadata --env-file --json --help" values="--host --tenant --name --client-metadata --env-file" place=providers ;;
        setup) options="--host --tenant --name --client-id --from-env --env-file --forget --json --help" values="--host --tenant --name --client-id --env-file" place=providers ;;
        new) options="--from --host --tenant --gumstack --test --package --in --json --help" values="--from --host --tenant --in" place= ;;
        check) options="--host --tenant --answer --all --watch --json --help" values="--host --tenant --answer" place=providers ;;
        demo) options="--no-browser --json --help" values="" place= ;;
        doctor) options="--env-file --json --help" values="--env-file" place=providers ;;
        store) options="--account --limit --finish --json --help" values="--account --limit" place=store; (( ${#words[@]} > 2 )) && place=files ;;
        completion) options="--help" values="" place=shells ;;
        help) options="--help" values="" place=help ;;
    esac
    if [[ " $values " == *" $previous "* ]]; then
        [[ $previous == --env-file ]] && _gumauth_files
    elif [[ $current == -* ]]; then
        _gumauth_offer "$options"
    elif [[ $place == providers && $current == [./~]* ]]; then
        _gumauth_files
    elif [[ -n $place ]]; then
        _gumauth_offer "$(command gumauth __complete "$place" "$current" 2>/dev/null)"
    fi
}

_gumauth_offer() {
    local broken= word
    [[ $COMP_WORDBREAKS == *@* && $current == *@* ]] && broken=${current%@*}
    COMPREPLY=()
    for word in $1; do
        [[ $word == "$current"* ]] && COMPREPLY+=("${word#"$broken"}")
    done
}

_gumauth_files() {
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

complete -F _gumauth gumauth
