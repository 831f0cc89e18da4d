#include "exporters/snapshot/addresses.h"

#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

std::string with_zone(const Endpoint& end, std::uint32_t interface, bool always,
                      const InterfaceNames& names) {
    const bool zone = interface != 0 && (always || end.address.is_link_local());
    return to_string(end, zone ? interface_name(interface, names) : std::string());
}

}  // namespace

std::string interface_name(std::uint32_t index, const InterfaceNames& names) {
    const auto known = names.find(index);
    return known == names.end() ? std::to_string(index) : text::printable(known->second);
}

std::string local_address(const SocketIdentity& socket, const InterfaceNames& names) {
    return with_zone(socket.local, socket.interface, false, names);
}

std::string remote_address(const SocketIdentity& socket, const InterfaceNames& names) {
    return with_zone(socket.remote, socket.interface, false, names);
}

std::string bound_address(const SocketIdentity& socket, const InterfaceNames& names) {
    return with_zone(socket.local, socket.interface, true, names);
}

}  // namespace halfclosed::exporters
