#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "cli/flags.h"
#include "cli/terminal.h"
#include "commands/commands.h"
#include "commands/history_flags.h"
#include "commands/history_line.h"
#include "commands/past_scope.h"
#include "history/history_json.h"
#include "history/history_query.h"

namespace halfclosed {

namespace {

struct HistoryOptions {
    bool json = false;
    std::string directory;
    std::optional<WallTime> from;
    std::optional<WallTime> to;
    std::string owner;
};

int history_of(const CommonOptions& common, const HistoryOptions& options) {
    history::SocketQuery query;
    query.from = options.from;
    query.to = options.to;
    if (!options.owner.empty()) {
        query.owner = options.owner;
    }
    const PastScope scope = past_scope(common);
    const text::TerminalStyle style = terminal_style(common, 1);
    bool written = true;
    history::read_from(options.directory, [&](const history::Connection& connection) {
        history::for_each_socket(connection, query, [&](const history::HistoryRow& row) {
            if (!scope.has(row.socket)) {
                return;
            }
            const std::string line =
                options.json ? history::history_line(row) : history_text(row, style);
            written = written && std::puts(line.c_str()) >= 0;
        });
    });
    return std::fflush(stdout) == 0 && written ? 0 : 1;
}

}  // namespace

void add_history(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command =
        add_command(app, "history",
                    "What was: each half-closed socket that lived longer than a second or leaked, "
                    "its states with times, and its end");
    auto options = std::make_shared<HistoryOptions>();
    add_switch(command, "--json", options->json,
               "One JSON object per line, schema halfclosed.history/1");
    add_value(command, "--from", options->from, parse_past, "TIME", "the beginning",
              "Sockets that were there at this time or later: 03:12, 2026-11-27T03:12:00Z, or 15m "
              "for 15 minutes ago");
    add_value(command, "--to", options->to, parse_past, "TIME", "now",
              "Sockets that were there at this time or before");
    add_text(command, "--owner", options->owner, "OWNER",
             "Only sockets of this owner, by its name or unit");
    add_state_directory(command, options->directory);
    on_chosen(command, [&common, &chosen, options] {
        if (options->from && options->to && *options->from > *options->to) {
            throw UsageError("--from", "is after --to");
        }
        chosen = [&common, options] { return history_of(common, *options); };
    });
}

}  // namespace halfclosed
