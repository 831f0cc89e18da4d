#include <sys/utsname.h>

#include <chrono>
#include <cstdio>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "cli/flags.h"
#include "cli/progress.h"
#include "commands/address_mask.h"
#include "commands/checks.h"
#include "commands/commands.h"
#include "commands/filter_flags.h"
#include "commands/history_flags.h"
#include "commands/look_now.h"
#include "commands/past_growth.h"
#include "commands/past_scope.h"
#include "commands/recorded_dead.h"
#include "commands/report_page.h"
#include "posix/host_name.h"
#include "posix/output_file.h"

namespace halfclosed {

namespace {

struct ReportOptions {
    std::string file;
    std::string directory;  ///< of the history
    std::chrono::nanoseconds leak_after{0};
    bool mask = false;
};

std::string kernel_text() {
    utsname kernel{};
    return ::uname(&kernel) == 0
               ? std::string(kernel.sysname) + " " + kernel.release + " " + kernel.machine
               : "";
}

/// The last of them; one more than are shown says that there were more.
void read_history(const CommonOptions& common, const std::string& directory,
                  ReportContents& contents) {
    try {
        const PastScope scope = past_scope(common);
        std::deque<history::HistoryRow> last;
        history::SocketQuery query;
        query.limit = scope.has_all() ? kMostReported + 1 : 0;
        const auto take = [&](history::HistoryRow&& row) {
            if (!scope.has(row.socket)) {
                return;
            }
            last.push_back(std::move(row));
            if (last.size() > kMostReported + 1) {
                last.pop_front();
            }
        };
        history::read_from(directory, [&](const history::Connection& connection) {
            history::for_each_socket(connection, query, take);
        });
        contents.history.assign(std::make_move_iterator(last.begin()),
                                std::make_move_iterator(last.end()));
    } catch (const std::runtime_error& error) {
        contents.no_history = std::string("None: ") + error.what();
    }
}

int report(const CommonOptions& common, const ReportOptions& options) {
    posix::OutputFile file(options.file);
    std::optional<Progress> progress(std::in_place,
                                     "asking the kernel for its sockets, and /proc whose they are");
    ReportContents contents;
    Look look = look_now(common, options.leak_after);
    contents.snapshot = std::move(look.snapshot);
    const PastScope scope{common.ports, {}};
    add_recorded_dead(contents.snapshot, *look.ports, options.directory, scope);
    add_past_growth(contents.snapshot, options.directory, scope);
    contents.snapshot.host = posix::host_name();
    contents.kernel = kernel_text();
    progress->now("looking what works here");
    contents.checks = run_checks(common);
    contents.masked = options.mask;
    progress->now("reading the history");
    read_history(common, options.directory, contents);
    progress.reset();
    if (options.mask) {
        AddressMask mask;
        mask.apply(contents.snapshot);
        for (history::HistoryRow& row : contents.history) {
            mask.apply(row);
        }
    }
    file.write(report_page(contents));
    file.publish();
    std::fprintf(stderr, "report written to %s\n",
                 options.file == "-" ? "standard output" : options.file.c_str());
    return 0;
}

}  // namespace

void add_report(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command = add_command(app, "report",
                                    "Write one HTML file to hand on: the page, the sockets, their "
                                    "owners, the history and the check");
    auto options = std::make_shared<ReportOptions>();
    add_argument(command, "FILE", options->file, "Where to write it; - for standard output");
    add_switch(command, "--mask", options->mask,
               "Replace addresses by made-up ones, and leave out the host's name");
    add_leak_after(command, options->leak_after);
    add_state_directory(command, options->directory);
    on_chosen(command, [&common, &chosen, options] {
        chosen = [&common, options] { return report(common, *options); };
    });
}

}  // namespace halfclosed
