#include "exporters/snapshot/other_end.h"

#include <gtest/gtest.h>

#include <chrono>

#include "exporters/sample_snapshot.h"
#include "exporters/snapshot/namespace_text.h"
#include "exporters/snapshot/socket_filter.h"

namespace halfclosed::exporters {
namespace {

using enum TcpState;
using tracking::Cause;
using tracking::Custody;

constexpr NamespaceId kHost{1};
constexpr NamespaceId kBox{4'200};

/// A socket in a namespace, with an owner of its own.
struct Socket {
    std::uint64_t cookie;
    std::string local;
    std::string remote;
    TcpState state = close_wait;
    Custody custody = Custody::process;
    NamespaceId netns = kHost;
    std::string owner = {};
};

Endpoint end(const std::string& text) {
    const auto colon = text.rfind(':');
    return endpoint(text.substr(0, colon),
                    static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1))));
}

Snapshot with(const std::vector<Socket>& sockets) {
    Snapshot snapshot = quiet_report();
    snapshot.namespaces.own = kHost;
    snapshot.namespaces.watched = {{kHost, {}}, {kBox, {"blue", {}}}};
    for (const Socket& socket : sockets) {
        tracking::TrackedSocket& added = add_socket(
            snapshot, {.cookie = Cookie{socket.cookie},
                       .state = socket.state,
                       .custody = socket.custody,
                       .cause = socket.state == close_wait ? std::optional(Cause::not_closed)
                                                           : std::nullopt});
        added.record.local = end(socket.local);
        added.record.remote = end(socket.remote);
        added.record.netns = socket.netns;
        if (!socket.owner.empty()) {
            snapshot.owners[Cookie{socket.cookie}].name = socket.owner;
        }
    }
    return snapshot;
}

std::string text(const Snapshot& snapshot, std::size_t socket = 0) {
    return other_end_text(snapshot.sockets[socket], OtherEnds(snapshot), snapshot);
}

TEST(OtherEnd, IsNamedWithItsStateAndItsTime) {
    const Snapshot snapshot = with({{1, "127.0.0.1:40000", "127.0.0.1:9999", close_wait,
                                     Custody::process, kHost, "app.service"},
                                    {2, "127.0.0.1:9999", "127.0.0.1:40000", fin_wait2,
                                     Custody::timewait, kHost, "nginx.service"}});
    EXPECT_EQ(text(snapshot), "its other end: nginx.service, FIN-WAIT-2, expires in 48s");
    EXPECT_EQ(text(snapshot, 1), "its other end: app.service, CLOSE-WAIT");
}

TEST(OtherEnd, WithoutAnOwnerHasAState) {
    EXPECT_EQ(text(with({{1, "127.0.0.1:1", "127.0.0.1:9999"},
                         {2, "127.0.0.1:9999", "127.0.0.1:1", fin_wait1, Custody::orphan}})),
              "its other end: FIN-WAIT-1");
    EXPECT_EQ(text(with({{1, "127.0.0.1:1", "127.0.0.1:9999"}})), "");
}

TEST(OtherEnd, MayBeOfAnotherFamilyAndInAnotherNamespace) {
    EXPECT_EQ(text(with({{1, "10.0.0.1:1", "10.0.0.2:9999"},
                         {2, "::ffff:10.0.0.2:9999", "::ffff:10.0.0.1:1", fin_wait2,
                          Custody::process, kBox, "shop.service"}})),
              "its other end: shop.service, FIN-WAIT-2");
}

TEST(OtherEnd, OverLoopbackIsInTheSameNamespace) {
    EXPECT_EQ(text(with({{1, "127.0.0.1:1", "127.0.0.1:9999"},
                         {2, "127.0.0.1:9999", "127.0.0.1:1", fin_wait2, Custody::process, kBox}})),
              "");
    EXPECT_EQ(text(with({{1, "::1:1", "::1:9999"},
                         {2, "::1:9999", "::1:1", fin_wait2, Custody::process, kBox}})),
              "");
}

/// A client of 10.0.0.1 that talks to 10.0.0.80:80, which is 10.0.0.2:8080 to the kernel that routes.
std::vector<Socket> translated() {
    return {{1, "10.0.0.1:1", "10.0.0.80:80", fin_wait2, Custody::process, kHost, "a.service"},
            {2, "10.0.0.2:8080", "10.0.0.1:1", close_wait, Custody::process, kBox, "b.service"}};
}

TEST(OtherEnd, BehindATranslationIsKnownIfThatIs) {
    Snapshot snapshot = with(translated());
    EXPECT_EQ(text(snapshot), "");
    snapshot.translations[Cookie{1}] = {end("10.0.0.2:8080"), end("10.0.0.1:1")};
    EXPECT_EQ(text(snapshot), "its other end: b.service, CLOSE-WAIT");
    EXPECT_EQ(text(snapshot, 1), "") << "it was not asked for";
    snapshot.translations[Cookie{2}] = {end("10.0.0.1:1"), end("10.0.0.80:80")};
    EXPECT_EQ(text(snapshot, 1), "its other end: a.service, FIN-WAIT-2");
}

TEST(OtherEnd, BehindARedirectToLoopbackIsInTheSameNamespace) {
    std::vector<Socket> sockets = translated();
    sockets[1].local = "127.0.0.1:8080";
    Snapshot snapshot = with(sockets);
    snapshot.translations[Cookie{1}] = {end("127.0.0.1:8080"), end("10.0.0.1:1")};
    EXPECT_EQ(text(snapshot), "");
    sockets[1].netns = kHost;
    snapshot.sockets = with(sockets).sockets;
    EXPECT_EQ(text(snapshot), "its other end: b.service, CLOSE-WAIT");
}

TEST(OtherEnd, OfTwoWithTheSameAddressesIsTheNearOneOrNotKnown) {
    std::vector<Socket> sockets{
        {1, "10.0.0.1:1", "10.0.0.2:9999"},
        {2, "10.0.0.2:9999", "10.0.0.1:1", fin_wait2, Custody::process, kBox, "a.service"},
        {3, "10.0.0.2:9999", "10.0.0.1:1", fin_wait2, Custody::process, NamespaceId{7},
         "b.service"}};
    EXPECT_EQ(text(with(sockets)), "");
    sockets[2].netns = kHost;
    EXPECT_EQ(text(with(sockets)), "its other end: b.service, FIN-WAIT-2");
}

TEST(OtherEnd, OfAnEarlierConnectionIsNone) {
    EXPECT_EQ(text(with({{1, "10.0.0.1:1", "10.0.0.2:9999"},
                         {2, "10.0.0.2:9999", "10.0.0.1:1", close_wait}})),
              "")
        << "one of the two must have sent a FIN";
}

TEST(OtherEnd, IsKnownThoughAFilterLeftItOut) {
    Snapshot snapshot = with({{1, "127.0.0.1:1", "127.0.0.1:9999"},
                              {2, "127.0.0.1:9999", "127.0.0.1:1", fin_wait2, Custody::process,
                               kHost, "nginx.service"}});
    SocketFilter{.states = {close_wait}}.apply(snapshot);
    ASSERT_EQ(snapshot.sockets.size(), 1U);
    EXPECT_EQ(text(snapshot), "its other end: nginx.service, FIN-WAIT-2");
}

/// client -> proxy -> shop: the client closed, the proxy passed that on, the shop does not close.
std::vector<Socket> chain() {
    return {{1, "10.0.0.9:1", "10.0.0.1:80", fin_wait2, Custody::process, kHost, "client.service"},
            {2, "10.0.0.1:80", "10.0.0.9:1", close_wait, Custody::process, kHost, "proxy.service"},
            {3, "10.0.0.1:2", "10.0.0.2:9999", fin_wait2, Custody::process, kHost, "proxy.service"},
            {4, "10.0.0.2:9999", "10.0.0.1:2", close_wait, Custody::process, kBox, "shop.service"}};
}

TEST(AChainOfProxies, NamesTheHopThatIsStuck) {
    const Snapshot snapshot = with(chain());
    EXPECT_EQ(text(snapshot, 0),
              "its other end: proxy.service, CLOSE-WAIT, which waits for shop.service");
    EXPECT_EQ(text(snapshot, 1),
              "waits for shop.service; its other end: client.service, FIN-WAIT-2");
    EXPECT_EQ(text(snapshot, 2), "its other end: shop.service, CLOSE-WAIT");
    EXPECT_EQ(text(snapshot, 3), "its other end: proxy.service, FIN-WAIT-2");
    const auto stuck = OtherEnds(snapshot).stuck(snapshot.sockets[0]);
    ASSERT_TRUE(stuck);
    EXPECT_EQ(stuck->owner, "shop.service");
    EXPECT_EQ(stuck->hops, 1U);
}

TEST(AChainOfProxies, IsToldWithoutAddresses) {
    std::vector<Socket> sockets = chain();
    EXPECT_EQ(waiting_sentence(with(sockets)),
              "proxy.service waits for shop.service (2 sockets). client.service waits for "
              "shop.service (1 socket).");
    EXPECT_EQ(waiting_sentence(quiet_report()), "");
}

/// Any user can make one: what each socket waits for must not be looked for among all of them.
TEST(AChainOfProxies, OfThousandsOfConnectionsIsFollowedOnce) {
    std::vector<Socket> sockets;
    for (unsigned i = 0; i < 10000; ++i) {
        const std::string end = "10.0.0.1:" + std::to_string(10000 + i);
        sockets.push_back(
            {3 * i + 1, "10.0.0.9:80", end, close_wait, Custody::process, kHost, "proxy.service"});
        sockets.push_back(
            {3 * i + 2, end, "10.0.0.2:9999", fin_wait2, Custody::process, kHost, "proxy.service"});
        sockets.push_back(
            {3 * i + 3, "10.0.0.2:9999", end, close_wait, Custody::process, kBox, "shop.service"});
    }
    const Snapshot snapshot = with(sockets);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(waiting_sentence(snapshot), "proxy.service waits for shop.service (20000 sockets).");
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10))
        << "for each of the sockets all of them were looked at";
}

TEST(AChainOfProxies, IsNotGuessed) {
    std::vector<Socket> sockets = chain();
    sockets.push_back(
        {5, "10.0.0.1:3", "10.0.0.3:9999", fin_wait2, Custody::process, kHost, "proxy.service"});
    EXPECT_EQ(text(with(sockets), 0), "its other end: proxy.service, CLOSE-WAIT")
        << "it also waits for somebody who is not known";
    sockets.push_back(
        {6, "10.0.0.3:9999", "10.0.0.1:3", close_wait, Custody::process, kBox, "other.service"});
    EXPECT_EQ(text(with(sockets), 0), "its other end: proxy.service, CLOSE-WAIT")
        << "either may be meant";
    sockets.back().owner = "shop.service";
    EXPECT_EQ(text(with(sockets), 0),
              "its other end: proxy.service, CLOSE-WAIT, which waits for shop.service");
}

TEST(AChainOfProxies, ThatWaitForEachOtherHasNoEnd) {
    EXPECT_EQ(
        text(with(
            {{1, "10.0.0.1:1", "10.0.0.2:2", fin_wait2, Custody::process, kHost, "a.service"},
             {2, "10.0.0.2:2", "10.0.0.1:1", close_wait, Custody::process, kHost, "b.service"},
             {3, "10.0.0.2:3", "10.0.0.1:4", fin_wait2, Custody::process, kHost, "b.service"},
             {4, "10.0.0.1:4", "10.0.0.2:3", close_wait, Custody::process, kHost, "a.service"}})),
        "its other end: b.service, CLOSE-WAIT");
}

TEST(NamespaceText, SaysWhatIsNotSeen) {
    Snapshot snapshot = quiet_report();
    EXPECT_EQ(namespaces_sentence(snapshot), "");
    snapshot.namespaces.not_watched = 0;
    EXPECT_EQ(namespaces_sentence(snapshot), "");
    snapshot.namespaces.not_watched = 12;
    EXPECT_EQ(namespaces_sentence(snapshot),
              "12 other network namespaces are not watched (--namespaces all).");
    snapshot.namespaces.hidden = "processes are hidden";
    EXPECT_EQ(namespaces_sentence(snapshot),
              "At least 12 other network namespaces are not watched (--namespaces all).");
    snapshot.namespaces.not_watched.reset();
    EXPECT_EQ(namespaces_sentence(snapshot), "") << "nothing is known";
    snapshot.namespaces = {};
    snapshot.namespaces.all = true;
    snapshot.namespaces.unreadable = 1;
    snapshot.namespaces.trouble = "setns: Operation not permitted";
    EXPECT_EQ(namespaces_sentence(snapshot),
              "1 other network namespace is not seen: setns: Operation not permitted.");
    snapshot.namespaces.unreadable = 0;
    EXPECT_EQ(namespaces_sentence(snapshot), "");
    snapshot.namespaces.hidden = "processes are hidden";
    EXPECT_EQ(namespaces_sentence(snapshot),
              "Other network namespaces may be hidden: processes are hidden.");
}

TEST(NamespaceText, NamesTheNamespaceOfASocketElsewhere) {
    const auto in = [](const Socket& socket) {
        const Snapshot snapshot = with({socket});
        return in_namespace(snapshot.sockets[0].record, snapshot);
    };
    EXPECT_EQ(in({1, "10.0.0.1:1", "10.0.0.2:2"}), "");
    EXPECT_EQ(in({1, "10.0.0.1:1", "10.0.0.2:2", close_wait, Custody::process, kBox}),
              "in network namespace blue");
    EXPECT_EQ(
        in({1, "10.0.0.1:1", "10.0.0.2:2", close_wait, Custody::process, kBox, "blue/x.service"}),
        "")
        << "its owner's name says it";
    Snapshot nameless = with({{1, "10.0.0.1:1", "10.0.0.2:2", close_wait, Custody::process, kBox}});
    nameless.namespaces.watched[kBox].name.reset();
    EXPECT_EQ(in_namespace(nameless.sockets[0].record, nameless), "in network namespace 4200");
}

}  // namespace
}  // namespace halfclosed::exporters
