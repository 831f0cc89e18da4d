#include <cstdio>
#include <memory>
#include <string>

#include "cli/flags.h"
#include "commands/commands.h"
#include "netlink/error.h"
#include "netlink/recording.h"
#include "netlink/session.h"
#include "posix/output_file.h"
#include "tracking/watched_ports.h"

namespace halfclosed {

namespace {

int record(const CommonOptions& common, const std::string& path) {
    // A recording that is not complete is none: it gets its name when it is whole.
    posix::OutputFile file(path);
    std::size_t sockets = 0;
    try {
        netlink::Session session;
        sockets = netlink::write_recording(session, tracking::WatchedPorts(common.ports).ports(),
                                           file.stream());
    } catch (const netlink::Error&) {
        if (!posix::has_reader(file.descriptor())) {
            throw posix::ReaderGoneError(path);
        }
        throw;
    }
    file.publish();
    std::fprintf(stderr, "%zu sockets recorded in %s\n", sockets,
                 path == "-" ? "standard output" : path.c_str());
    return 0;
}

}  // namespace

void add_record(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command = add_command(
        app, "record", "Write the kernel's answer for the watched ports to a file, as ss -D does");
    auto path = std::make_shared<std::string>();
    add_argument(command, "FILE", *path, "Where to write it; - for standard output");
    on_chosen(command, [&common, &chosen, path] {
        refuse_namespaces(common, "a recording is of our own namespace");
        chosen = [&common, path] { return record(common, *path); };
    });
}

}  // namespace halfclosed
