#!/usr/bin/env escript
%% -*- erlang -*-
%% A scenario (scenario.h says how it is written) played by OTP's own supervisor(3): the standard
%% that the core is compared with. Reads scenarios on standard input, prints what became of them.
-mode(compile).
-export([main/1, init/1, start_kid/1, kid/2]).

main(_) ->
    process_flag(trap_exit, true),
    logger:set_primary_config(level, none),
    ets:new(facts, [named_table, public]),
    ets:new(said, [named_table, public, ordered_set]),
    lines().

lines() ->
    case io:get_line("") of
        eof -> ok;
        Line ->
            Words = string:tokens(string:trim(Line), " "),
            line(Words),
            lines()
    end.

line([]) -> ok;
line(["scenario" | _] = Words) ->
    stop_top(),
    ets:delete_all_objects(facts),
    ets:delete_all_objects(said),
    io:format("~s~n", [string:join(Words, " ")]);
line(["sup", Name, Strategy, Intensity, Auto]) ->
    ets:insert(facts, {{sup, Name}, #{strategy => list_to_atom(Strategy), intensity => list_to_integer(Intensity),
                                      period => 1000, auto_shutdown => list_to_atom(Auto)}}),
    ets:insert(facts, {{children, Name}, []});
line(["child", Sup, Id, Type, Restart, Significant]) ->
    [{_, Before}] = ets:lookup(facts, {children, Sup}),
    ets:insert(facts, {{children, Sup}, Before ++ [spec(Id, Type, Restart, Significant)]});
line(Words) ->
    Result = case ets:member(facts, ended) of
                 true -> "over";
                 false -> text(command(Words))
             end,
    settle(),
    io:format("~s: ~s~n", [string:join(Words, " "), Result]),
    io:format("  ~s~n", [string:join(said(), " ")]),
    io:format("  ~s~n", [state()]).

spec(Id, Type, Restart, Significant) ->
    Base = #{id => Id, restart => list_to_atom(Restart), significant => Significant =:= "yes"},
    case Type of
        "worker" -> Base#{start => {?MODULE, start_kid, [Id]}, shutdown => 5000, type => worker};
        "template" -> Base#{start => {?MODULE, start_kid, []}, shutdown => 5000, type => worker};
        "supervisor" -> Base#{start => {supervisor, start_link, [?MODULE, Id]}, shutdown => infinity,
                              type => supervisor}
    end.

command(["start"]) ->
    case supervisor:start_link(?MODULE, "top") of
        {ok, Pid} -> ets:insert(facts, {top, Pid}), ok;
        {error, _} -> ets:insert(facts, {ended, failed}), {error, failed}
    end;
command(["fail", Id, N]) -> ets:insert(facts, {{fail, Id}, list_to_integer(N)}), ok;
command(["ignore", Id, N]) -> ets:insert(facts, {{ignore, Id}, list_to_integer(N)}), ok;
command(["exit", Id, Reason]) ->
    case alive(Id) of
        {ok, Pid} ->
            Ref = monitor(process, Pid),
            case Reason of
                "kill" -> exit(Pid, kill);
                _ -> Pid ! {die, reason(Reason)}
            end,
            receive {'DOWN', Ref, process, Pid, _} -> ok end;
        none -> {error, none}
    end;
command(["start_child", Sup, Id, Restart, Significant]) ->
    ask(Sup, fun(Pid) ->
        [{_, #{strategy := Strategy}}] = ets:lookup(facts, {sup, Sup}),
        case Strategy of
            simple_one_for_one -> supervisor:start_child(Pid, [Id]);
            _ -> supervisor:start_child(Pid, spec(Id, "worker", Restart, Significant))
        end end);
command(["terminate_child", Sup, Id]) ->
    ask(Sup, fun(Pid) -> supervisor:terminate_child(Pid, name(Sup, Id)) end);
command(["restart_child", Sup, Id]) -> ask(Sup, fun(Pid) -> supervisor:restart_child(Pid, Id) end);
command(["delete_child", Sup, Id]) -> ask(Sup, fun(Pid) -> supervisor:delete_child(Pid, Id) end);
command(["count_children", Sup]) ->
    ask(Sup, fun(Pid) ->
        Counts = supervisor:count_children(Pid),
        [{counts, [proplists:get_value(K, Counts) || K <- [specs, active, supervisors, workers]]}] end);
command(["stop"]) ->
    stop_top(), ok.

reason("normal") -> normal;
reason("shutdown") -> shutdown;
reason("code") -> {shutdown, 3};
reason("crash") -> crash.

%% An instance of a simple_one_for_one is named by its pid.
name(Sup, Id) ->
    case ets:lookup(facts, {sup, Sup}) of
        [{_, #{strategy := simple_one_for_one}}] ->
            case alive(Id) of
                {ok, Pid} -> Pid;
                none -> spawn(fun() -> ok end)
            end;
        _ -> Id
    end.

ask(Sup, Fun) ->
    case alive(Sup) of
        {ok, Pid} -> try Fun(Pid) catch exit:_ -> {error, noproc} end;
        none -> {error, noproc}
    end.

text(ok) -> "ok";
text({ok, undefined}) -> "undefined";
text({ok, _}) -> "ok";
text([{counts, L}]) -> io_lib:format("~p ~p ~p ~p", L);
text({error, {already_started, _}}) -> "already_started";
text({error, R}) when R =:= fail; R =:= none; R =:= failed; R =:= noproc; R =:= not_found; R =:= running;
                      R =:= restarting; R =:= already_present; R =:= simple_one_for_one -> atom_to_list(R);
text({error, _}) -> "fail".

stop_top() ->
    case ets:lookup(facts, top) of
        [{_, Pid}] ->
            Ref = monitor(process, Pid),
            exit(Pid, shutdown),
            receive {'DOWN', Ref, process, Pid, _} -> ok end;
        [] -> ok
    end.

alive(Id) ->
    case ets:lookup(facts, {pid, Id}) of
        [{_, Pid}] -> case is_process_alive(Pid) of true -> {ok, Pid}; false -> none end;
        [] -> none
    end.

%% The supervisor's callback: the name of a supervisor is its whole argument.
init(Name) ->
    ets:insert(facts, {{pid, Name}, self()}),
    [{_, Flags}] = ets:lookup(facts, {sup, Name}),
    [{_, Children}] = ets:lookup(facts, {children, Name}),
    {ok, {Flags, Children}}.

take(What, Id) ->
    case ets:lookup(facts, {What, Id}) of
        [{_, N}] when N > 0 -> ets:insert(facts, {{What, Id}, N - 1}), true;
        _ -> false
    end.

start_kid(Id) ->
    case take(fail, Id) of
        true -> {error, fail};
        false ->
            case take(ignore, Id) of
                true -> ignore;
                false -> proc_lib:start_link(?MODULE, kid, [self(), Id])
            end
    end.

kid(Sup, Id) ->
    process_flag(trap_exit, true),
    ets:insert(facts, [{{pid, Id}, self()}, {self(), Id}]),
    say("+" ++ Id),
    proc_lib:init_ack({ok, self()}),
    receive
        {'EXIT', Sup, Reason} -> say("-" ++ Id), exit(Reason);
        {die, Reason} -> exit(Reason)
    end.

say(Text) ->
    ets:insert(said, {erlang:unique_integer([monotonic]), Text}).

said() ->
    L = [T || {_, T} <- ets:tab2list(said)],
    ets:delete_all_objects(said),
    in_any_order(L).

%% The instances of a simple_one_for_one (i0, i1 ...) end all at once.
in_any_order([]) -> [];
in_any_order([T | Rest] = L) ->
    case lists:splitwith(fun(X) -> lists:prefix("-i", X) end, L) of
        {[], _} -> [T | in_any_order(Rest)];
        {Run, Others} -> lists:sort(Run) ++ in_any_order(Others)
    end.

%% Nothing moves any more: many looks in a row see the same.
settle() -> settle(look(), 0).

settle(_, 4) -> ok;
settle(Before, N) ->
    receive
        {'EXIT', Pid, Reason} ->
            case ets:lookup(facts, top) of
                [{_, Pid}] -> ets:insert(facts, {ended, Reason});
                _ -> ok
            end
    after 1 -> ok
    end,
    case look() of
        Before -> settle(Before, N + 1);
        Now -> settle(Now, 0)
    end.

look() -> {ets:info(said, size), state()}.

state() ->
    case ets:lookup(facts, ended) of
        [{_, shutdown}] -> "ended shutdown";
        [{_, failed}] -> "ended failed";
        [{_, Reason}] -> io_lib:format("ended ~p", [Reason]);
        [] -> sup_state("top")
    end.

sup_state(Name) ->
    case alive(Name) of
        none -> "";
        {ok, Pid} ->
            Children = try lists:reverse(supervisor:which_children(Pid)) catch exit:_ -> [] end,
            Texts = [child_state(C) || C <- Children],
            [{_, #{strategy := Strategy}}] = ets:lookup(facts, {sup, Name}),
            Sorted = case Strategy of simple_one_for_one -> lists:sort(Texts); _ -> Texts end,
            lists:flatten(Name ++ "[" ++ string:join(Sorted, " ") ++ "]")
    end.

child_state({undefined, Pid, _, _}) when is_pid(Pid) ->
    case ets:lookup(facts, Pid) of [{_, Id}] -> Id ++ "=up"; [] -> "?=up" end;
child_state({undefined, State, _, _}) -> "?=" ++ atom_to_list(State);
child_state({Id, Pid, supervisor, _}) when is_pid(Pid) -> lists:flatten(sup_state(Id));
child_state({Id, Pid, worker, _}) when is_pid(Pid) -> Id ++ "=up";
child_state({Id, State, _, _}) -> Id ++ "=" ++ atom_to_list(State).
