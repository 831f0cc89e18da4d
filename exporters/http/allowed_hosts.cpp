#include "exporters/http/allowed_hosts.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "posix/file.h"

namespace halfclosed::exporters {

namespace {

/// An IPv4 or IPv6 address in binary; empty if the text is none.
std::string binary(const std::string& text) {
    std::array<char, sizeof(in6_addr)> bytes{};
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
        return {bytes.data(), sizeof(in_addr)};
    }
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
        return {bytes.data(), sizeof(in6_addr)};
    }
    return {};
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

/// uri-host of RFC 9110, 7.2: without the port, the brackets of an IPv6 address and a last dot.
std::string host_of(std::string_view host) {
    if (host.starts_with('[')) {
        const std::size_t end = host.find(']');
        const std::string_view inside = host.substr(1, end - 1);
        const bool is_ipv6 = end != std::string_view::npos && inside.find(':') < inside.size();
        return lower(is_ipv6 ? inside : host);
    }
    host = host.substr(0, host.find(':'));
    if (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    return lower(host);
}

std::set<std::string> addresses_of_interfaces() {
    std::set<std::string> addresses;
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) != 0) {
        return addresses;
    }
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owned(first, freeifaddrs);
    for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr) {
            continue;
        }
        const void* const address = each->ifa_addr;
        if (each->ifa_addr->sa_family == AF_INET) {
            const auto* const ipv4 = static_cast<const sockaddr_in*>(address);
            addresses.emplace(reinterpret_cast<const char*>(&ipv4->sin_addr),
                              sizeof ipv4->sin_addr);
        } else if (each->ifa_addr->sa_family == AF_INET6) {
            const auto* const ipv6 = static_cast<const sockaddr_in6*>(address);
            addresses.emplace(reinterpret_cast<const char*>(&ipv6->sin6_addr),
                              sizeof ipv6->sin6_addr);
        }
    }
    return addresses;
}

/// Without it there are no whole names.
std::string hosts_file() {
    try {
        return posix::read_file("/etc/hosts");
    } catch (const posix::Error&) {
        return {};
    }
}

}  // namespace

std::vector<std::string> whole_names(const std::string& name, const std::string& hosts) {
    const std::string beginning = name.substr(0, name.find('.')) + '.';
    std::vector<std::string> names;
    std::istringstream lines(hosts);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string word;
        words >> word;  // the address
        while (words >> word) {
            if (lower(word).starts_with(beginning)) {
                names.push_back(lower(word));
            }
        }
    }
    return names;
}

std::string parse_host_name(const std::string& text) {
    const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == ':';
    });
    if (text.empty() || !plain || (text.find(':') != std::string::npos && binary(text).empty())) {
        throw std::invalid_argument("'" + text +
                                    "' is not a host name or an address, without a port");
    }
    return text;
}

AllowedHosts::AllowedHosts(const std::vector<std::string>& added) : names_{"localhost"} {
    utsname system{};
    if (uname(&system) == 0) {
        const std::string name = lower(system.nodename);
        names_.insert(name);
        for (const std::string& whole : whole_names(name, hosts_file())) {
            names_.insert(whole);
        }
    }
    for (const std::string& name : added) {
        const std::string address = binary(name);
        names_.insert(address.empty() ? lower(name) : address);
    }
}

bool AllowedHosts::allows(std::string_view host) {
    if (host.empty()) {
        return true;
    }
    const std::string name = host_of(host);
    const std::string address = binary(name);
    return names_.contains(address.empty() ? name : address) ||
           (!address.empty() && is_our_address(address));
}

/// Interfaces come and go: what is not known is looked for, once a second at most.
bool AllowedHosts::is_our_address(const std::string& address) {
    const bool loopback =  // 127.0.0.0/8: lo has one address, and answers to all
        address.size() == sizeof(in_addr) && static_cast<unsigned char>(address[0]) == 127;
    const std::lock_guard lock(mutex_);
    if (loopback || addresses_.contains(address)) {
        return true;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - read_ < std::chrono::seconds{1}) {
        return false;
    }
    read_ = now;
    addresses_ = addresses_of_interfaces();
    return addresses_.contains(address);
}

}  // namespace halfclosed::exporters
