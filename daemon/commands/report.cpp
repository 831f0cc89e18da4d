#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "cli/flags.h"
#include "commands/address_mask.h"
#include "commands/checks.h"
#include "commands/commands.h"
#include "commands/history_flags.h"
#include "commands/look_now.h"
#include "commands/report_page.h"
#include "posix/output_file.h"

namespace halfclosed {

namespace {

struct ReportOptions {
    std::string file;
    std::string directory;  ///< of the history
    bool mask = false;
};

std::string kernel_text() {
    utsname kernel{};
    return ::uname(&kernel) == 0
               ? std::string(kernel.sysname) + " " + kernel.release + " " + kernel.machine
               : "";
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

void read_history(const std::string& directory, ReportContents& contents) {
    try {
        history::for_each_socket(
            history::open_for_reading(directory), {.limit = kMostReported + 1},
            [&contents](history::HistoryRow&& row) { contents.history.push_back(std::move(row)); });
    } catch (const std::runtime_error& error) {
        contents.no_history = std::string("None: ") + error.what();
    }
}

int report(const CommonOptions& common, const ReportOptions& options) {
    posix::OutputFile file(options.file);
    ReportContents contents;
    contents.snapshot = look_now(common, std::chrono::seconds{60}).snapshot;
    contents.snapshot.host = host_name();
    contents.kernel = kernel_text();
    contents.checks = run_checks(common);
    contents.masked = options.mask;
    read_history(options.directory, contents);
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
    add_state_directory(command, options->directory);
    on_chosen(command, [&common, &chosen, options] {
        chosen = [&common, options] { return report(common, *options); };
    });
}

}  // namespace halfclosed
