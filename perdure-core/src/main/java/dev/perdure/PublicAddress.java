package dev.perdure;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;

/// Tells addresses of the internet from those of a machine or its surroundings, which somebody who may choose a URL
/// must not reach through us: RFC 6890 and its registries. Pure.
final class PublicAddress {
    private PublicAddress() {}

    static boolean is(InetAddress address) {
        if (address instanceof Inet6Address) {
            byte[] b = address.getAddress();
            if (isZero(b, 0, 10) && b[10] == (byte) 0xff && b[11] == (byte) 0xff) { // ::ffff:0:0/96, IPv4 in IPv6
                return isPublic4(Arrays.copyOfRange(b, 12, 16));
            }
            if (prefix(b, 0x00, 0x64, 0xff, 0x9b) && isZero(b, 4, 12)) { // 64:ff9b::/96, NAT64
                return isPublic4(Arrays.copyOfRange(b, 12, 16));
            }
            if (prefix(b, 0x20, 0x02)) { // 2002::/16, 6to4
                return isPublic4(Arrays.copyOfRange(b, 2, 6));
            }
            boolean global = (b[0] & 0xe0) == 0x20; // 2000::/3 is what is assigned to the internet
            boolean special = prefix(b, 0x20, 0x01) && b[2] < 2 && b[2] >= 0; // 2001::/23: Teredo, benchmarks, ORCHID
            boolean documentation = prefix(b, 0x20, 0x01, 0x0d, 0xb8) || prefix(b, 0x3f, 0xff);
            return global && !special && !documentation;
        }
        return address instanceof Inet4Address && isPublic4(address.getAddress());
    }

    private static boolean isPublic4(byte[] b) {
        int first = b[0] & 0xff;
        int second = b[1] & 0xff;
        int third = b[2] & 0xff;
        return first != 0 // this network
                && first != 10
                && first != 127
                && !(first == 100 && (second & 0xc0) == 64) // 100.64.0.0/10, carriers
                && !(first == 169 && second == 254) // link-local, and where clouds tell a machine its credentials
                && !(first == 172 && (second & 0xf0) == 16)
                && !(first == 192 && second == 0 && (third == 0 || third == 2))
                && !(first == 192 && second == 88 && third == 99)
                && !(first == 192 && second == 168)
                && !(first == 198 && (second & 0xfe) == 18) // 198.18.0.0/15, benchmarks
                && !(first == 198 && second == 51 && third == 100)
                && !(first == 203 && second == 0 && third == 113)
                && first < 224; // multicast, reserved, broadcast
    }

    private static boolean isZero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean prefix(byte[] bytes, int... prefix) {
        for (int i = 0; i < prefix.length; i++) {
            if (bytes[i] != (byte) prefix[i]) {
                return false;
            }
        }
        return true;
    }
}
