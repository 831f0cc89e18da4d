#include "host/process_view.h"

#include <linux/capability.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>

#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::host {
namespace {

/// PROC_PID_INIT_INO and PROC_USER_INIT_INO of include/linux/proc_ns.h: the initial namespaces have fixed numbers.
constexpr ino_t kInitialPidNamespace = 0xEFFFFFFC;
constexpr ino_t kInitialUserNamespace = 0xEFFFFFFD;

bool is_in(const char* link, ino_t namespace_number) {
    struct stat status {};
    return ::stat(link, &status) == 0 && status.st_ino == namespace_number;
}

}  // namespace

std::uint64_t parse_effective_capabilities(std::string_view status) {
    constexpr std::string_view kKey = "CapEff:";
    while (!status.empty()) {
        std::string_view line = status.substr(0, status.find('\n'));
        status.remove_prefix(std::min(line.size() + 1, status.size()));
        if (line.starts_with(kKey)) {
            line.remove_prefix(kKey.size());
            const std::string_view digits = text::next_word(line);
            std::uint64_t set = 0;
            std::from_chars(digits.data(), digits.data() + digits.size(), set, 16);
            return set;
        }
    }
    return 0;
}

ProcessView process_view(const ProcessRights& rights) {
    ProcessView view;
    const auto add = [&view](std::string_view limit, std::string_view remedy) {
        view.limit += (view.limit.empty() ? "" : "; ") + std::string(limit);
        view.remedy += (view.remedy.empty() || remedy.empty() ? "" : ", ") + std::string(remedy);
        view.whole = false;
    };
    if (!rights.initial_pid_namespace) {
        add("this is a PID namespace of its own: processes outside of it are not seen",
            "the host's PID namespace (hostPID: true, --pid=host)");
        view.unlisted = view.limit;
    }
    if (!rights.initial_user_namespace) {
        add("capabilities of this user namespace do not reach the processes outside",
            "the host's user namespace");
    }
    if (!rights.init_visible) {
        // It hides nothing from CAP_SYS_PTRACE (fs/proc/base.c:has_pid_permissions).
        add("/proc hides the processes of other users (hidepid, ProtectProc)",
            rights.ptrace ? "a /proc without hidepid (ProtectProc=default)" : "");
        view.unlisted = view.limit;
    }
    if (!rights.ptrace || !rights.read_search) {
        add("the descriptors of other users' processes may not be read",
            rights.ptrace        ? "CAP_DAC_READ_SEARCH"
            : rights.read_search ? "CAP_SYS_PTRACE"
                                 : "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH");
    }
    return view;
}

ProcessView read_process_view() {
    const std::uint64_t effective =
        parse_effective_capabilities(posix::read_file("/proc/thread-self/status"));
    const auto has = [effective](int capability) {
        return (effective >> static_cast<unsigned>(capability) & 1U) != 0;
    };
    struct stat status {};
    ProcessRights rights;
    rights.initial_pid_namespace = is_in("/proc/thread-self/ns/pid", kInitialPidNamespace);
    rights.initial_user_namespace = is_in("/proc/thread-self/ns/user", kInitialUserNamespace);
    rights.init_visible = ::stat("/proc/1", &status) == 0;
    rights.ptrace = has(CAP_SYS_PTRACE);
    rights.read_search = has(CAP_DAC_READ_SEARCH);
    return process_view(rights);
}

}  // namespace halfclosed::host
