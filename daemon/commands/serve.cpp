#include <charconv>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "cli/command_line.h"
#include "cli/flags.h"
#include "cli/logging.h"
#include "cli/version.h"
#include "commands/commands.h"
#include "commands/filter_flags.h"
#include "exporters/http/allowed_hosts.h"
#include "http/listener.h"
#include "http/unix_listener.h"
#include "service/service.h"
#include "text/nearest.h"
#include "text/size.h"
#include "text/time.h"
#include "text/words.h"

namespace halfclosed {

namespace {

using std::chrono::nanoseconds;

std::string parse_listen_address(const std::string& text) {
    http::parse_listen_address(text);
    return text;
}

exporters::Detail parse_detail(const std::string& text) {
    for (const auto& [name, detail] : {std::pair{"full", exporters::Detail::full},
                                       {"essential", exporters::Detail::essential}}) {
        if (text == name) {
            return detail;
        }
    }
    throw std::invalid_argument(
        halfclosed::text::not_one_of(text, "a detail", {"full", "essential"}));
}

std::string as_it_is(const std::string& text) {
    return text;
}

nanoseconds parse_interval(const std::string& text) {
    const nanoseconds interval = halfclosed::text::parse_duration(text);
    if (interval < std::chrono::milliseconds{10}) {
        throw std::invalid_argument("'" + text + "' is too short an interval (10ms at least)");
    }
    return interval;
}

/// Read where the page is to be served alone: other commands share the file and the environment, and may not be allowed
/// to see a key.
std::shared_ptr<const auth::AccessPolicy> read_guard(const std::string& file) {
    if (file.empty()) {
        return nullptr;
    }
    try {
        return std::make_shared<const auth::AccessPolicy>(file);
    } catch (const std::invalid_argument& error) {
        throw UsageError("--web-config-file", error.what());
    }
}

/// Each takes half a KiB in the daemon, and as much again in each answer that lists it.
std::size_t parse_max_sockets(const std::string& text) {
    constexpr std::size_t kMost = 1'000'000;
    const auto number = halfclosed::text::to_number<std::size_t>(text);
    if (!number || *number > kMost) {
        throw std::invalid_argument("'" + text + "' is not a number from 0 to 1000000");
    }
    return *number;
}

/// A day at most, as for `scenario run`.
nanoseconds parse_max_hold(const std::string& text) {
    const nanoseconds hold = halfclosed::text::parse_duration(text);
    if (hold > std::chrono::hours{24}) {
        throw std::invalid_argument("'" + text + "' is more than 24h");
    }
    return hold;
}

ServeOptions::Exact parse_exact(const std::string& text) {
    if (text == "auto") {
        return ServeOptions::Exact::automatic;
    }
    if (text == "on" || text == "off") {
        return text == "on" ? ServeOptions::Exact::on : ServeOptions::Exact::off;
    }
    throw std::invalid_argument("'" + text + "' is not auto, on or off");
}

/// An hour at most: the alert on a self-test that failed looks back for two.
nanoseconds parse_self_test_interval(const std::string& text) {
    const nanoseconds interval =
        text == "0s" ? nanoseconds{0} : halfclosed::text::parse_duration(text);
    if (interval != nanoseconds{0} &&
        (interval < std::chrono::seconds{10} || interval > std::chrono::hours{1})) {
        throw std::invalid_argument("'" + text + "' is not from 10s to 1h, nor 0s for none");
    }
    return interval;
}

nanoseconds parse_history(const std::string& text) {
    const nanoseconds kept = halfclosed::text::parse_duration(text);
    if (kept < std::chrono::minutes{1}) {
        throw std::invalid_argument("'" + text + "' is too short a history (1m at least)");
    }
    return kept;
}

std::uint64_t parse_history_size(const std::string& text) {
    const std::uint64_t bytes = halfclosed::text::parse_size(text);
    if (bytes < history::HistoryFile::kSmallest) {
        throw std::invalid_argument("'" + text + "' is too small a history (8MB at least)");
    }
    return bytes;
}

/// The command line, the environment and the file anew; the log takes what they say of it at once.
Service::Configuration reread(const std::vector<std::string>& arguments) {
    const auto options = std::make_shared<ServeOptions>();
    CommandLine again(arguments, all_commands(options));
    again.parse();
    start_logging(again.common());
    return {*options, event_sink(again.common())};
}

/// A flag that would be taken and ignored. The environment and a file may be another machine's too.
void check_flags(const CommonOptions& common, const ServeOptions& options) {
    const auto needs = [&common](const char* flag, bool there, const char* what) {
        if (!there && common.on_command_line(flag)) {
            throw UsageError(flag, what);
        }
    };
    const bool recorded = !options.state_directory.empty();
    needs("--history", recorded, "needs --state-dir: that is where the history is");
    needs("--history-size", recorded, "needs --state-dir: that is where the history is");
    needs("--exact-pin", options.exact != ServeOptions::Exact::off, "needs --exact auto or on");
    needs("--max-hold", !options.control_socket.empty(), "needs a control socket");
}

}  // namespace

void add_serve(CLI::App& app, const CommonOptions& common, Run& chosen,
               const std::shared_ptr<ServeOptions>& shared) {
    ServeOptions& options = *shared;
    CLI::App& command = add_command(app, "serve", "Observe and export to Prometheus until stopped");
    add_value(command, "--interval", options.interval, parse_interval, "DURATION", "1s",
              "Time between two closing polls, of the half-closed states");
    add_value(command, "--census-interval", options.census_interval, parse_interval, "DURATION",
              "15s", "Time between two censuses, of all states; each is reconciled with sockstat");
    add_value(command, "--cpu-share", options.cpu_share, parse_cpu_share, "SHARE", "0.02",
              "Share of one core that polls may take: expensive polls are made less often");
    add_value(command, "--max-sockets", options.max_sockets, parse_max_sockets, "NUMBER", "10000",
              "Half-closed sockets that are kept in detail; those beyond are counted, not listed");
    add_value(
        command, "--exact", options.exact, parse_exact, "WHEN", "auto",
        "Let the kernel itself count every transition and reset, by BPF programs: auto (if this "
        "process may load them), on (else it does not start) or off");
    add_value(command, "--exact-pin", options.exact_pin, as_it_is, "DIR", "",
              "Pin these programs in a directory of a BPF file system, so that a restart loses no "
              "transition");
    add_values(command, "--listen", options.listen, parse_listen_address, "ADDRESS:PORT",
               "127.0.0.1:10999", "Serve the metrics page here; repeatable");
    add_values(
        command, "--allowed-host", options.allowed_hosts, exporters::parse_host_name, "NAME", "",
        "Answer requests for this Host too, beside this machine's addresses and name; repeatable");
    add_value(command, "--snapshot-access", options.snapshot_access,
              exporters::parse_snapshot_access, "open|authenticated|socket", "open",
              "Who may read single sockets on the page (addresses, users, processes): everybody, "
              "who gave a password or a certificate, or nobody but over the control socket");
    add_value(command, "--web-config-file", options.web_config_file, as_it_is, "FILE", "",
              "TLS and passwords for the page: exporter-toolkit's --web.config.file");
    add_value(command, "--detail", options.detail, parse_detail, "DETAIL", "full",
              "full or essential; essential is a page of what alerts and the fleet's rules read, "
              "without what is 0: at most 60 series for one port");
    add_leak_after(command, options.leak_after);
    // systemd.exec(5), StateDirectory=
    if (const char* directory = std::getenv("STATE_DIRECTORY")) {
        options.state_directory = directory;
    }
    add_value(command, "--state-dir", options.state_directory, as_it_is, "DIR", "",
              "Keep the history of half-closed sockets, and their ages across restarts, in this "
              "directory");
    add_value(command, "--history", options.history.kept, parse_history, "DURATION", "24h",
              "How far back the history in --state-dir goes");
    add_value(
        command, "--history-size", options.history.bytes, parse_history_size, "SIZE", "64MB",
        "What the history may take on the disk: above that the oldest goes first, and leaks last; "
        "what has not ended is never deleted");
    // RuntimeDirectory= of systemd.exec(5)
    if (const char* directory = std::getenv("RUNTIME_DIRECTORY")) {
        options.control_socket = std::string(directory) + "/control.sock";
    }
    add_value(
        command, "--control-socket", options.control_socket,
        [&options](const std::string& text) {
            options.control_socket_wanted = !text.empty();
            return text.empty() ? text : http::parse_socket_path(text);
        },
        "PATH", options.control_socket,
        "Unix socket for scenarios and reloads, HTTP, mode 0660; \"\" for none");
    add_value(
        command, "--self-test-interval", options.self_test_interval, parse_self_test_interval,
        "DURATION", "0s",
        "Time between two runs of a scenario as a self-test of lab and kernel: 10s to 1h, or 0s "
        "for none");
    add_value(command, "--max-hold", options.max_hold, parse_max_hold, "DURATION", "1h",
              "The longest hold of a scenario that is requested over the control socket");
    on_chosen(command, [&common, &chosen, shared] {
        check_flags(common, *shared);
        shared->ports = common.ports;
        shared->all_namespaces = common.all_namespaces;
        shared->access_policy = read_guard(shared->web_config_file);
        chosen = [&common, shared] {
            return Service({*shared, event_sink(common)}, {version(), revision()},
                           [&common] { return reread(common.arguments); })
                .run();
        };
    });
}

}  // namespace halfclosed
