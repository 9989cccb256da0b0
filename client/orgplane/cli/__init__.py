"""The command `orgplane`: a door to the API for people and their scripts.

    program         the root: which commands there are, and how all of them end
    command         options that every command takes
    session         what a command works with: the API, the output, a person to ask
    api             calls RPCs by their names in the contract, in the contract's own JSON
    target          which server, and which token, from flags, environment and profile
    profiles        the file that `orgplane login` writes
    streams         stdin, stdout and stderr, whatever they are
    table, data     output for people, output for scripts
    failure         exit statuses, and what to do next
    wire            `--debug`
    <resource>      one module for each group of commands

It speaks messages rather than the client's records because its JSON must be the API's own, to the letter.
Nothing of the RPC runtime is imported before a call is made.
"""
