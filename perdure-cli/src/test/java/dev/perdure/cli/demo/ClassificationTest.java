package dev.perdure.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/// The real model on short texts that paraphrase licences, none of which stands so in `licences.md`.
class ClassificationTest {
    private static LicenceModel model;

    @BeforeAll
    static void load() {
        model = LicenceModel.load();
    }

    private static Classification classify(String text) {
        return Classification.of(model.compare(Passages.of(text)), model.licences());
    }

    private static List<String> flags(String text) {
        return Flags.of(classify(text), model.licences()).all().stream().map(Flags.Flag::what).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    mit           | Anybody who obtains a copy of this software and its documentation files is granted permission, free of charge, to deal in it without restriction: to use, copy, modify, merge, publish, sublicense and sell copies.
                    bsd           | Redistribution in source and binary form, modified or not, is permitted if the copyright notice, this list of conditions and the following disclaimer are retained.
                    gpl           | This program is free software: redistribute it or modify it under the GNU General Public License, version 3 or later, as published by the Free Software Foundation.
                    lgpl          | This library may be redistributed under the GNU Lesser General Public License, version 2.1 or any later version, of the Free Software Foundation.
                    apache-2.0    | This file is licensed to you under the Apache License, Version 2.0; do not use it except in compliance with that License, a copy of which is at apache.org/licenses.
                    mpl           | This Source Code Form is subject to the Mozilla Public License 2.0, of which a copy is at mozilla.org/MPL/2.0.
                    public-domain | The author dedicates this code to the public domain worldwide and waives all copyright, as CC0 does.
                    zlib          | Anyone may use this software for any purpose and alter it freely, if its origin is not misrepresented and altered source versions are plainly marked.
                    epl-cddl      | The accompanying program is provided under the terms of the Eclipse Public License; using it means acceptance of that agreement.
                    """)
    void recognisesAFamilyByItsMeaning(String family, String text) {
        assertThat(classify(text).families()).first().extracting(Classification.Match::key).isEqualTo(family);
    }

    @Test
    void recognisesNothingInWhatIsNoLicence() {
        String text = "Boil three potatoes for twenty minutes, add salt and butter, and serve them hot.";
        assertThat(classify(text).families()).isEmpty();
        assertThat(flags(text)).containsExactly("unknown licence");
    }

    @Test
    void flagsCopyleftAndLeavesPermissiveAlone() {
        assertThat(
                        flags(
                                "This program is free software; you can redistribute it under the GNU General Public"
                                        + " License."))
                .contains("strong copyleft");
        assertThat(
                        flags(
                                "Redistribution and use in source and binary forms, with or without modification, are"
                                        + " permitted."))
                .isEmpty();
    }

    @Test
    void flagsPatentAndAdvertisingClauses() {
        assertThat(
                        flags(
                                "If you institute patent litigation claiming that the Work infringes a patent, all"
                                    + " patent licenses granted to you under this License terminate on the day it is"
                                    + " filed."))
                .contains("patent terms");
        assertThat(
                        flags(
                                "All advertising materials that mention features of this software must display this"
                                    + " acknowledgement: This product includes software developed by the University."))
                .contains("acknowledgement");
    }

    @Test
    void cutsLongTextsBehindSentencesAndInsideNoCharacter() {
        List<String> passages = Passages.of("\uD83D\uDE00".repeat(2_000)).texts();
        assertThat(passages).hasSizeGreaterThan(3).allSatisfy(p -> assertThat(p).doesNotContain("?"));
        assertThat(String.join("", passages)).isEqualTo("\uD83D\uDE00".repeat(2_000));
        assertThat(passages).allSatisfy(p -> assertThat(Character.isLowSurrogate(p.charAt(0))).isFalse());
        assertThat(Passages.of("").texts()).isEmpty();
    }
}
