import { testSuites } from './scripted.ts';
import { connectionSuites } from './suites.ts';

testSuites(connectionSuites);
