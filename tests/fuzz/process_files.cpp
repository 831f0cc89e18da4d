// Any text in place of what the kernel says of a process: cgroup, limits, status, fdinfo, mountinfo,
// timens_offsets and the link of a descriptor; and what it says of itself: its release. Each reader returns values or throws posix::Error.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "attempt.h"
#include "history/clock_id.h"
#include "host/cgroup_mount.h"
#include "host/descriptor_use.h"
#include "host/kernel_release.h"
#include "host/mountinfo.h"
#include "host/process_cgroup.h"
#include "host/process_metrics.h"
#include "host/process_view.h"
#include "host/socket_holders.h"
#include "host/socket_link.h"
#include "posix/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace halfclosed::host;
    using Error = halfclosed::posix::Error;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    attempt<Error>([&] { parse_process_cgroup(text); });
    attempt<Error>([&] { parse_open_files_limit(text); });
    attempt<Error>([&] { parse_effective_capabilities(text); });
    attempt<Error>([&] { parse_registered_sockets(text); });
    attempt<Error>([&] { parse_descriptor_link(text); });
    attempt<Error>([&] { find_cgroup_mounts(text); });
    attempt<Error>([&] { parse_mounts(text, "nsfs"); });
    attempt<Error>([&] { parse_boot_time(text); });
    attempt<Error>([&] { halfclosed::history::parse_clock_offset(text, "timens_offsets"); });
    is_at_least(text, 5, 18);
    return 0;
}
