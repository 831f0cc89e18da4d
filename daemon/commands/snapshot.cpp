#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "cli/flags.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "commands/commands.h"
#include "commands/comparison.h"
#include "commands/filter_flags.h"
#include "commands/history_flags.h"
#include "commands/look_now.h"
#include "commands/past_growth.h"
#include "commands/past_snapshot.h"
#include "commands/recorded_dead.h"
#include "exporters/csv/snapshot_csv.h"
#include "exporters/json/snapshot_json.h"
#include "exporters/snapshot/owner_leaks.h"
#include "exporters/snapshot/snapshot_query.h"
#include "exporters/terminal/snapshot_table.h"
#include "history/history_query.h"
#include "netlink/session.h"
#include "text/log.h"
#include "text/nearest.h"

namespace halfclosed {

namespace {

enum class Output { table, wide, csv, json };

constexpr std::array<std::pair<const char*, Output>, 4> kOutputs{{{"table", Output::table},
                                                                  {"wide", Output::wide},
                                                                  {"csv", Output::csv},
                                                                  {"json", Output::json}}};

struct SnapshotOptions {
    Output output = Output::table;
    bool json = false;
    bool fail_on_leak = false;
    std::chrono::nanoseconds leak_after{0};
    exporters::SnapshotQuery query;
    // As far as somebody asked for them:
    std::optional<exporters::GroupBy> by;
    std::optional<exporters::SocketOrder> order;
    std::string directory;  ///< of the history
    std::optional<WallTime> at;
    std::optional<WallTime> since;
};

/// Nothing: the present, of which no history has the answer yet.
std::optional<WallTime> parse_at(const std::string& text) {
    return text == "now" ? std::nullopt : std::optional(parse_past(text));
}

/// A comparison has no sockets to list.
void check_comparison(const SnapshotOptions& options) {
    if (!options.since) {
        return;
    }
    if (options.output == Output::csv || options.output == Output::wide) {
        throw UsageError("--since", "is a table or json, neither csv nor wide");
    }
    if (options.by || options.order) {
        throw UsageError("--since", "compares owners: without --group-by and --sort");
    }
    if (options.at && *options.since > *options.at) {
        throw UsageError("--since", "is after --at");
    }
}

Output parse_output(const std::string& text) {
    std::vector<std::string> names;
    for (const auto& [name, output] : kOutputs) {
        if (text == name) {
            return output;
        }
        names.emplace_back(name);
    }
    throw std::invalid_argument(text::not_one_of(text, "a format", names));
}

/// Of the present, what it shows; of the past, what look_back() does.
PastScope growth_scope(const CommonOptions& common, const SnapshotOptions& options) {
    if (options.at) {
        return past_scope(common);
    }
    return {common.ports, {}};
}

/// Unless ports were asked for, the past has all that were watched then.
Look look_back(const CommonOptions& common, const SnapshotOptions& options, WallTime time) {
    exporters::Snapshot snapshot =
        history::read_from(options.directory, [&](const history::Connection& connection) {
            return snapshot_at(connection, time, past_scope(common));
        });
    snapshot.leak_after = options.leak_after;
    try {
        snapshot.namespaces.own = netlink::Session().netns();
    } catch (const std::runtime_error&) {  // then it is told of each socket in which it was
    }
    return {std::move(snapshot), {}, {}};
}

std::string csv(const exporters::Snapshot& snapshot, const SnapshotOptions& options) {
    const auto cut = [&options](auto list) {
        list.resize(std::min(list.size(), options.query.limit.value_or(list.size())));
        return list;
    };
    return options.by ? exporters::groups_csv(cut(exporters::groups_of(snapshot, *options.by)),
                                              *options.by)
                      : exporters::sockets_csv(
                            snapshot, cut(exporters::listing(snapshot, options.query.order)));
}

bool asks_for_dead(const exporters::SocketFilter& filter) {
    return std::find(filter.states.begin(), filter.states.end(), TcpState::close) !=
           filter.states.end();
}

/// What stays hidden, and who would see it; then where to read what to do about the worst leak.
std::string advice(const exporters::Snapshot& snapshot, const std::string& hidden,
                   const text::TerminalStyle& style) {
    std::string text;
    if (!hidden.empty()) {
        const std::string why = geteuid() == 0 ? "Not seen: " : "Not seen, for want of root: ";
        text += text::wrapped(why + hidden + ".", 0, style.width);
    }
    if (const auto owners = exporters::owner_leaks(snapshot); !owners.empty()) {
        text += text::wrapped(leak_sentence(owners.front()), 0, style.width);
        text += text::wrapped("What to do: http://127.0.0.1:10999/runbook#" +
                                  runbook_section(owners.front()) + " (of halfclosed serve).",
                              0, style.width);
    }
    return text;
}

std::string rendered(const Look& look, const CommonOptions& common,
                     const SnapshotOptions& options) {
    const exporters::Snapshot& snapshot = look.snapshot;
    const Output output = options.json ? Output::json : options.output;
    const exporters::SnapshotQuery& query = options.query;
    if (output == Output::json) {
        return exporters::snapshot_json(snapshot, query);
    }
    if (output == Output::csv) {
        return csv(snapshot, options);
    }
    const text::TerminalStyle style = result_style(common, STDOUT_FILENO);
    return exporters::snapshot_table(
               snapshot, {style, query.by, query.order, query.limit, output == Output::wide}) +
           advice(snapshot, look.hidden, style);
}

/// With how it was before.
std::string compared(const exporters::Snapshot& snapshot, const CommonOptions& common,
                     const SnapshotOptions& options) {
    exporters::Snapshot before = look_back(common, options, *options.since).snapshot;
    options.query.filter.apply(before);
    const std::size_t elsewhere = options.at ? 0 : leave_out_elsewhere(before, snapshot);
    if (options.json || options.output == Output::json) {
        return comparison_json(before, snapshot, options.query.limit, elsewhere);
    }
    const text::TerminalStyle style = result_style(common, STDOUT_FILENO);
    return comparison_text(before, snapshot, style, options.query.limit) +
           (elsewhere == 0 ? ""
                           : text::wrapped("Left out: " + std::to_string(elsewhere) +
                                               " in other network namespaces, where nobody looked "
                                               "now (--namespaces all).",
                                           0, style.width));
}

/// At which ports to look. What is compared has to be of the same ones then and now.
CommonOptions with_ports(const CommonOptions& common, const SnapshotOptions& options) {
    CommonOptions result = common;
    if (options.since && !options.at) {
        result.ports = ports_to_compare(common, options.directory, *options.since);
    }
    return result;
}

int snapshot(const CommonOptions& given, const SnapshotOptions& options) {
    const CommonOptions common = with_ports(given, options);
    std::optional<Progress> progress(std::in_place,
                                     "asking the kernel for its sockets, and /proc whose they are");
    Look look =
        options.at ? look_back(common, options, *options.at) : look_now(common, options.leak_after);
    progress.reset();
    exporters::Snapshot& snapshot = look.snapshot;
    if (look.ports) {
        const std::string why_not = add_recorded_dead(snapshot, *look.ports, options.directory,
                                                      growth_scope(common, options));
        if (!why_not.empty() && asks_for_dead(options.query.filter)) {
            log::warn("dead sockets are known from the history of a daemon alone: {}", why_not);
        }
    }
    add_past_growth(snapshot, options.directory, growth_scope(common, options));
    options.query.filter.apply(snapshot);
    const std::string text =
        options.since ? compared(snapshot, common, options) : rendered(look, common, options);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return options.fail_on_leak && has_leaks(snapshot) ? 1 : 0;
}

}  // namespace

void add_snapshot(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command = add_command(
        app, "snapshot",
        "Who has half-closed sockets on the watched ports; then each socket, its age and "
        "why it is there");
    auto options = std::make_shared<SnapshotOptions>();
    add_value(command, "-o,--output", options->output, parse_output, "FORMAT", "table",
              "table, wide, csv or json; csv has the groups where --group-by is given, else the "
              "sockets");
    CLI::Option* const json = add_switch(command, "--json", options->json,
                                         "One JSON object, schema halfclosed.snapshot/1");
    exclude(command, json, "--output");
    add_value(command, "--group-by", options->by, exporters::parse_group_by, "WHAT",
              "owner and cause", "owner, cause, peer or port");
    add_value(command, "--sort", options->order, exporters::parse_socket_order, "ORDER", "age",
              "age, owner, cause, state, queue, peer or port");
    add_value(command, "--limit", options->query.limit, exporters::parse_limit, "N", "",
              "At most so many sockets, and so many groups or, with --since, owners");
    add_filter_flags(command, options->query.filter);
    add_leak_after(command, options->leak_after);
    add_switch(command, "--fail-on-leak", options->fail_on_leak,
               "Exit with 1 if any of the sockets has leaked");
    add_value(command, "--at", options->at, parse_at, "TIME", "now",
              "As it was at this time, from the history: 03:12, 2026-11-27T03:12:00Z, or 15m for "
              "15 minutes ago");
    add_value(command, "--since", options->since, parse_past, "TIME", "",
              "What is new, gone and grown since this time, by owner, from the history: a table or "
              "json");
    add_state_directory(command, options->directory);
    on_chosen(command, [&common, &chosen, options] {
        check_comparison(*options);
        if (options->output == Output::csv && options->by && options->order) {
            throw UsageError("--sort", "is of sockets; csv with --group-by has the groups alone");
        }
        options->query.by = options->by.value_or(options->query.by);
        options->query.order = options->order.value_or(options->query.order);
        chosen = [&common, options] { return snapshot(common, *options); };
    });
}

}  // namespace halfclosed
