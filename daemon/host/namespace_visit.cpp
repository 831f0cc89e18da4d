#include "host/namespace_visit.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace halfclosed::host {

posix::Descriptor open_namespace(const std::vector<std::string>& ways, NamespaceInode inode,
                                 bool& forbidden) {
    for (const std::string& way : ways) {
        posix::Descriptor space(::open(way.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat status {};
        if (!space) {
            forbidden = forbidden || errno == EACCES || errno == EPERM;
        } else if (::fstat(space.get(), &status) == 0 && status.st_ino == inode) {
            return space;
        }
    }
    return {};
}

NamespaceVisit::NamespaceVisit(const posix::Descriptor& target)
    : home_(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
    if (!home_ || ::setns(target.get(), CLONE_NEWNET) != 0) {
        throw posix::Error("setns", std::generic_category().message(errno));
    }
}

NamespaceVisit::~NamespaceVisit() {
    if (::setns(home_.get(), CLONE_NEWNET) != 0) {
        std::abort();
    }
}

}  // namespace halfclosed::host
