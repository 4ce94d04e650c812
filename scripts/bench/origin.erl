%% The original program, completed to use real nodes: a supervisor that spawns a linked scraper on another
%% node, traps its exit, and spawns the next one on the next node. What scripts/bench/failover compares with.
%%
%%	erl -noshell -name monitor@ADDRESS ... -s origin supervise -extra LOG NODE...
%%
%% The scraper does nothing but append lines to LOG, which all hosts see: "start NODE US DIED_US" (microseconds
%% since 1970; when its predecessor ended, if it said so, else 0), and every 50 ms "beat NODE US". A line "die" on the
%% supervisor's standard input makes it exit.
-module(origin).
-export([supervise/0, scraper/2, load/0]).

%% On the other nodes, so that the first start there does not pay for it.
load() ->
    _ = file:native_name_encoding(),
    ok.

supervise() ->
    process_flag(trap_exit, true),
    [Log | Nodes] = init:get_plain_arguments(),
    Self = self(),
    spawn_link(fun() -> read_orders(Self) end),
    supervise(Log, [list_to_atom(N) || N <- Nodes], 0).

supervise(Log, [Node | Others], Died) ->
    Pid = spawn_link(Node, ?MODULE, scraper, [Log, Died]),
    Reason = wait_for_end(Pid),
    Next = case Reason of {died, T} -> T; _ -> 0 end,
    supervise(Log, Others ++ [Node], Next).

wait_for_end(Pid) ->
    receive
        {'EXIT', Pid, Reason} -> Reason;
        die -> Pid ! die, wait_for_end(Pid)
    end.

read_orders(Supervisor) ->
    case io:get_line("") of
        "die\n" -> Supervisor ! die, read_orders(Supervisor);
        _ -> init:stop()
    end.

scraper(Log, Died) ->
    Now = os:system_time(microsecond),
    {ok, File} = file:open(Log, [append, raw]),
    ok = file:write(File, io_lib:format("start ~s ~b ~b~n", [node(), Now, Died])),
    beat(File).

beat(File) ->
    receive
        die -> exit({died, os:system_time(microsecond)})
    after 50 ->
        ok = file:write(File, io_lib:format("beat ~s ~b~n", [node(), os:system_time(microsecond)])),
        beat(File)
    end.
