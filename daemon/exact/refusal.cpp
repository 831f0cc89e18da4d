#include "exact/refusal.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace halfclosed::exact {

namespace {

struct NamedCapability {
    unsigned number;
    const char* name;
};
constexpr NamedCapability kNeeded[] = {{CAP_BPF, "CAP_BPF"}, {CAP_PERFMON, "CAP_PERFMON"}};

bool has(std::uint64_t set, unsigned capability) {
    return ((set >> capability) & 1) != 0;
}

/// CAP_SYS_ADMIN stands for both (include/linux/capability.h:bpf_capable, perfmon_capable).
std::string missing(std::uint64_t effective) {
    std::string names;
    for (const NamedCapability& needed : kNeeded) {
        if (!has(effective, CAP_SYS_ADMIN) && !has(effective, needed.number)) {
            names += names.empty() ? "" : " and ";
            names += needed.name;
        }
    }
    return names;
}

}  // namespace

std::uint64_t effective_capabilities() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) {
        return 0;
    }
    return std::uint64_t{sets[1].effective} << 32U | sets[0].effective;
}

std::string reason_of_refusal(int error, std::uint64_t effective, std::string_view warning) {
    if (error == EPERM || error == EACCES) {
        if (const std::string names = missing(effective); !names.empty()) {
            return " (it takes " + names + ")";
        }
        if (error == EPERM) {
            return " (the capabilities are held: a user namespace, the kernel's lockdown or a "
                   "security module forbids it)";
        }
    }
    return warning.empty() ? "" : " (" + std::string(warning) + ")";
}

std::string in_one_line(std::string_view warning) {
    constexpr std::string_view kBegin = "-- BEGIN PROG LOAD LOG --\n";
    constexpr std::string_view kEnd = "-- END PROG LOAD LOG --";
    constexpr std::string_view kStatistics = "processed ";
    const std::size_t begin = warning.find(kBegin);
    if (begin == std::string_view::npos) {
        warning = warning.substr(0, warning.find_last_not_of("\n ") + 1);
        return std::string(warning.substr(0, warning.find('\n')));
    }
    const std::string_view program = warning.substr(0, begin);
    std::string_view log = warning.substr(begin + kBegin.size());
    log = log.substr(0, log.rfind(kEnd));
    std::string_view verdict;
    while (!log.empty()) {
        const std::string_view line = log.substr(0, log.find('\n'));
        log.remove_prefix(std::min(log.size(), line.size() + 1));
        if (!line.empty() && !line.starts_with(kStatistics)) {
            verdict = line;
        }
    }
    return std::string(program) + "the verifier: " + std::string(verdict);
}

}  // namespace halfclosed::exact
