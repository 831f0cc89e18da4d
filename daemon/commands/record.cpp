#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "cli/flags.h"
#include "commands/commands.h"
#include "netlink/recording.h"
#include "netlink/session.h"
#include "tracking/watched_ports.h"

namespace halfclosed {

namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

[[noreturn]] void cannot_write(const std::string& path) {
    throw std::system_error(errno, std::generic_category(), path);
}

int record(const CommonOptions& common, const std::string& path) {
    // A recording that is not complete is none: it gets its name when it is whole.
    const std::string unfinished = path + ".part";
    std::unique_ptr<std::FILE, CloseFile> file(std::fopen(unfinished.c_str(), "wbe"));
    if (!file) {
        cannot_write(path);
    }
    std::size_t sockets = 0;
    try {
        netlink::Session session;
        sockets = netlink::write_recording(session, tracking::WatchedPorts(common.ports).ports(),
                                           file.get());
        if (std::fclose(file.release()) != 0) {
            cannot_write(path);
        }
        std::filesystem::rename(unfinished, path);
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(unfinished, ignored);
        throw;
    }
    std::fprintf(stderr, "%zu sockets recorded in %s\n", sockets, path.c_str());
    return 0;
}

}  // namespace

void add_record(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command = add_command(
        app, "record", "Write the kernel's answer for the watched ports to a file, as ss -D does");
    auto path = std::make_shared<std::string>();
    add_argument(command, "FILE", *path, "Where to write it");
    on_chosen(command, [&common, &chosen, path] {
        chosen = [&common, path] { return record(common, *path); };
    });
}

}  // namespace halfclosed
