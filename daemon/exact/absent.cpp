// Where libbpf is missing.

#include "exact/source.h"
#include "posix/error.h"

namespace halfclosed::exact {

struct Source::Impl {};

bool is_built_in() {
    return false;
}

Source::Source(const Options& /*options*/) {
    throw posix::Error("programs in the kernel", "this build has no libbpf");
}

Source::~Source() = default;
Source::Source(Source&&) noexcept = default;
Source& Source::operator=(Source&&) noexcept = default;
bool Source::watch(NamespaceId /*space*/, const std::vector<PortRange>& /*ports*/,
                   const std::vector<std::uint16_t>& /*listened*/) {
    return false;
}
void Source::note_listeners(NamespaceId /*space*/, const std::vector<std::uint16_t>& /*ports*/) {
}
std::vector<NamespaceId> Source::watched() const {
    return {};
}
void Source::leave(const std::set<NamespaceId>& /*spaces*/) {
}
void Source::keep_all(NamespaceId /*space*/) {
}
ExactTotals Source::read() const {
    return {};
}
void Source::for_each_socket(const std::function<void(const ExactSocket&)>& /*use*/) const {
}
std::vector<ExactSocket> Source::sockets() const {
    return {};
}
std::unordered_set<Cookie> Source::held_after_close(std::span<const Cookie> /*sockets*/) const {
    return {};
}
void Source::begin_adoption() {
}
void Source::end_adoption() {
}
void Source::adopt(const ExactKey& /*key*/, const SocketRecord& /*record*/) {
}
void Source::confirm_time_wait(Cookie /*socket*/) {
}
void Source::confirm_gone(Cookie /*socket*/, Instant /*now*/) {
}
bool Source::overflowed() const {
    return false;
}
const std::vector<std::string>& Source::left_out() const {
    static const std::vector<std::string> none;
    return none;
}

}  // namespace halfclosed::exact
